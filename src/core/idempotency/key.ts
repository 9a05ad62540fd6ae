/** The header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header), and the request that it stands for. Pure. */
import { sha256Hex } from "../../hash";
import { invalidRequest } from "../../validation";
import type { KeyedRequest } from "./answer-once";

export const KEY_CHARS_MAX = 255;
const BARE = new RegExp(`^[!-~]{1,${KEY_CHARS_MAX}}$`);
/** A string of RFC 8941: `\"` and `\\` are the only escapes. */
const QUOTED = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;

type SentRequest = { method: string; path: string; body: string };

/** `scope`: who sends it. Throws invalid_request for a key of another form. */
export const keyedRequest = (header: string, scope: string, { method, path, body }: SentRequest): KeyedRequest => ({
  scope,
  key: readKey(header),
  request_hash: sha256Hex(`${method} ${path}\n${body}`),
});

/** `"abc"` and `abc` are the same key. */
function readKey(header: string): string {
  const sent = header.trim();
  const key = sent.startsWith('"') ? (QUOTED.exec(sent)?.[1]?.replace(/\\(.)/g, "$1") ?? "") : sent;
  if (BARE.test(key)) return key;
  const message = `must be 1 to ${KEY_CHARS_MAX} visible ASCII characters, with or without double quotes around them`;
  throw invalidRequest([{ path: "Idempotency-Key", message }]);
}
