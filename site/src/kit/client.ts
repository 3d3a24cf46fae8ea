import { b64u } from "../crypto/b64u.ts";
import { bytes, type Bytes } from "../crypto/bytes.ts";
import { dpop } from "../crypto/dpop.ts";
import { done } from "./done.ts";
import type { Outcome, Problem } from "./outcome.ts";
import { problem } from "./problem.ts";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

export type Call = {
  readonly method: Method;
  readonly path: string;
  /**
   * An object is sent as JSON; a string is sent as it is, so that a repeat has the same bytes; a
   * picture is sent as its own kind.
   */
  readonly body?: object | string | Blob;
  /** The answer is a file: a Blob, however it is written. */
  readonly file?: boolean;
  /** Session or enrolment token; bound to the device key by its proof. */
  readonly token?: string | null;
  readonly timeout_ms?: number;
};

type Sent = string | Bytes;

export type Client = { send(call: Call): Promise<Outcome<unknown>> };

/** What the client needs of the world; `key` null sends no proof (the open paths). */
export type ClientParts = {
  readonly origin: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly key: () => Promise<CryptoKeyPair | null>;
  readonly random: (length: number) => Uint8Array;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

const TIMEOUT_MS = 15_000;

/**
 * JSON over HTTP with DPoP. It keeps the server's latest nonce, and when told `use_dpop_nonce` it
 * signs again and resends once: nothing has happened there by then. It repeats nothing else.
 */
export function client(parts: ClientParts): Client {
  let nonce = "";

  async function attempt(call: Call): Promise<Outcome<unknown>> {
    const body = await spell(call.body);
    const proof = await prove(parts, call, body, nonce);
    const response = await parts.fetch(parts.origin + call.path, {
      method: call.method,
      headers: headersOf(call, body, proof),
      body,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(call.timeout_ms ?? TIMEOUT_MS),
    });
    nonce = response.headers.get("DPoP-Nonce") ?? nonce;
    return call.file === true && response.ok ? done(await response.blob()) : read(response);
  }

  return {
    async send(call) {
      try {
        const first = await attempt(call);
        return !first.ok && first.code === "use_dpop_nonce" ? await attempt(call) : first;
      } catch (error) {
        return unanswered(error);
      }
    },
  };
}

async function prove(
  { key, origin, random, now }: ClientParts,
  { method, path, token }: Call,
  body: Sent | null,
  nonce: string,
): Promise<string | null> {
  const device = await key();
  if (device === null) return null;
  return dpop.proof(device, {
    method,
    url: origin + path,
    body: body instanceof Uint8Array ? body : bytes.utf8(body ?? ""),
    jti: b64u.encode(random(16)),
    issuedAt: Math.floor(now() / 1000),
    nonce,
    token: token ?? null,
  });
}

function headersOf({ token, body }: Call, sent: Sent | null, proof: string | null): HeadersInit {
  const kind = body instanceof Blob ? body.type : "application/json";
  return {
    Accept: "application/json, application/problem+json",
    ...(sent === null ? {} : { "Content-Type": kind }),
    ...(proof === null ? {} : { DPoP: proof }),
    ...(token == null ? {} : { Authorization: `DPoP ${token}` }),
  };
}

async function spell(body: Call["body"]): Promise<Sent | null> {
  if (body === undefined) return null;
  if (body instanceof Blob) return new Uint8Array(await body.arrayBuffer());
  return typeof body === "string" ? body : JSON.stringify(body);
}

async function read(response: Response): Promise<Outcome<unknown>> {
  const text = await response.text();
  if (response.ok && text === "") return done(null);
  const value = parsed(text);
  if (value === undefined) return problem("bad_answer", response.status);
  return response.ok ? done(value) : refusal(value, response.status);
}

function refusal(value: unknown, status: number): Problem {
  if (typeof value !== "object" || value === null) return problem("bad_answer", status);
  const {
    code,
    type: _type,
    title: _title,
    status: _status,
    detail: _detail,
    ...details
  } = value as Record<string, unknown>;
  return typeof code === "string" ? problem(code, status, details) : problem("bad_answer", status);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch rejects with TypeError when there is no connection, with TimeoutError after the time. */
function unanswered(error: unknown): Problem {
  if (error instanceof DOMException && error.name === "TimeoutError") return problem("timeout");
  if (error instanceof TypeError) return problem("offline");
  throw error;
}
