type ScriptUrls = { createScriptURL(url: string): string };
type TrustedTypes = {
  createPolicy(name: string, rules: ScriptUrls): ScriptUrls;
};

/**
 * Registers the service worker, which keeps the shell for when there is no connection. The page's
 * policy allows exactly one script address to be made from words, and this is it.
 */
export function serveOffline(): void {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  const only = { createScriptURL: () => "/sw.js" };
  const url = types === undefined ? only : types.createPolicy("dojang", only);
  navigator.serviceWorker.register(url.createScriptURL(""), { scope: "/" }).catch(() => undefined);
}
