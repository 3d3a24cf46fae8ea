/**
 * The offline shell. It keeps the app's own files, and only those that the build's manifest lists
 * with their SHA-256: a file whose bytes differ is neither kept nor served. Nothing of the bank's
 * answers is ever kept: /v1 and all other machine paths never come near this cache.
 */
const SHELL = "dojang-shell-1";
const MANIFEST = "/asset-manifest.json";
const PAGE = "/index.html";
const MACHINE = ["/v1/", "/pki/", "/problems/", "/_demo/", "/_handset/", "/health", "/metrics"];
const OTHER_PAGES = ["/handset", "/rp"];
const AT_ONCE = /^(index\.html|assets\/.*\.(js|css))$/;

addEventListener("install", (event) => {
  event.waitUntil(refresh().then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (MACHINE.some((path) => pathname.startsWith(path))) return;
  if (request.mode === "navigate") {
    if (!OTHER_PAGES.includes(pathname)) event.respondWith(page(event));
  } else if (pathname.startsWith("/assets/")) {
    event.respondWith(asset(pathname));
  }
});

/** The newest page while there is a connection; else the one that was kept. */
async function page(event) {
  try {
    const answer = await fetch(event.request);
    event.waitUntil(refresh().catch(() => undefined));
    return answer;
  } catch {
    const shell = await caches.open(SHELL);
    return (await shell.match(PAGE)) ?? Response.error();
  }
}

/** Names under /assets carry their hash, so a kept file never grows old. */
async function asset(path) {
  const shell = await caches.open(SHELL);
  const kept = await shell.match(path);
  if (kept !== undefined) return kept;
  const listed = await digestOf(path);
  if (listed === undefined) return fetch(path);
  const answer = await verified(path, listed);
  if (answer === null) return Response.error();
  await shell.put(path, answer.clone());
  return answer;
}

async function digestOf(path) {
  const name = path.slice(1);
  const known = (await keptManifest())[name];
  return known ?? (await newestManifest())[name];
}

/** Takes over a new build whole: every file first, what is no longer listed goes, the list last. */
async function refresh() {
  const [known, newest] = [await keptManifest(), await newestManifest()];
  if (JSON.stringify(known) === JSON.stringify(newest)) return;
  const shell = await caches.open(SHELL);
  for (const [name, digest] of Object.entries(newest)) {
    if (!AT_ONCE.test(name) || (known[name] === digest && (await shell.match(`/${name}`))))
      continue;
    const answer = await verified(`/${name}`, digest);
    if (answer === null) throw new Error("a file does not fit the manifest");
    await shell.put(`/${name}`, answer);
  }
  for (const request of await shell.keys()) {
    const name = new URL(request.url).pathname.slice(1);
    if (newest[name] === undefined) await shell.delete(request);
  }
  await shell.put(MANIFEST, new Response(JSON.stringify(newest)));
}

async function keptManifest() {
  const kept = await (await caches.open(SHELL)).match(MANIFEST);
  return kept === undefined ? {} : kept.json();
}

async function newestManifest() {
  const answer = await fetch(MANIFEST, { cache: "no-store" });
  if (!answer.ok) throw new Error("no manifest");
  return answer.json();
}

/** The answer when its bytes have this SHA-256, else null. */
async function verified(path, digest) {
  const answer = await fetch(path, { cache: "no-cache" });
  if (!answer.ok) return null;
  const bytes = await answer.clone().arrayBuffer();
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex === digest ? answer : null;
}

async function forgetOthers() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("dojang-shell-") && name !== SHELL);
  await Promise.all(old.map((name) => caches.delete(name)));
}
