/** An OAuth client, and somebody who lets it in. */
import { expect } from "vitest";
import type { Member } from "./console";
import { ORIGIN, request } from "./worker";

export const REDIRECT_URI = "http://127.0.0.1:3999/callback";
export const MCP = `${ORIGIN}/mcp`;

export const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/** Of VERIFIER, as RFC 7636 (appendix B) computes it. */
export const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

export async function register(metadata: object = { client_name: "Acme Agent", redirect_uris: [REDIRECT_URI] }): Promise<string> {
  const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(metadata) };
  const answer = await request("/oauth/register", init);
  expect(answer.status).toBe(201);
  return (await answer.json<{ client_id: string }>()).client_id;
}

type Parameters = Record<string, string | null>;

/** The query of an authorization request; null leaves a parameter out. */
export function queryOf(client_id: string, changes: Parameters = {}): string {
  const usual: Parameters = {
    response_type: "code",
    client_id,
    redirect_uri: REDIRECT_URI,
    state: "a state & more",
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
  };
  const given = Object.entries({ ...usual, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null);
  return String(new URLSearchParams(given));
}

export const authorize = (query: string, headers: Record<string, string> = {}, bindings: Partial<Env> = {}): Promise<Response> =>
  request(`/oauth/authorize?${query}`, { headers }, bindings);

/** Where a redirect leads, taken apart. */
export const answerOf = (url: string) => {
  const { origin, pathname, searchParams } = new URL(url);
  return { to: origin === "null" ? url.split("?")[0] : origin + pathname, ...Object.fromEntries(searchParams) };
};

/** Lets a client in by the console; returns the code. */
export async function approve(
  member: Member,
  query: string,
  { role = "viewer", unit }: { role?: string; unit?: string } = {},
): Promise<string> {
  const answer = await member.call("authorization.approve", { query, role }, unit ? { "X-Org-Unit": unit } : {});
  const body = await answer.json<{ redirect_to: string }>();
  expect(answer.status, JSON.stringify(body)).toBe(200);
  return new URL(body.redirect_to).searchParams.get("code") ?? "";
}

export const askToken = (form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> =>
  request("/oauth/token", { method: "POST", headers, body: new URLSearchParams(form) });

export type Tokens = { access_token: string; token_type: string; expires_in: number; refresh_token: string; scope: string };

export const codeForm = (code: string, client_id: string, changes: Record<string, string> = {}): Record<string, string> => ({
  grant_type: "authorization_code",
  code,
  client_id,
  redirect_uri: REDIRECT_URI,
  code_verifier: VERIFIER,
  ...changes,
});

export const refreshForm = (refresh_token: string, client_id: string): Record<string, string> => ({
  grant_type: "refresh_token",
  refresh_token,
  client_id,
});

export async function tokensOf(form: Record<string, string>): Promise<Tokens> {
  const answer = await askToken(form);
  const body = await answer.json<Tokens>();
  expect(answer.status, JSON.stringify(body)).toBe(200);
  return body;
}

/** The whole way: registered, let in, and with tokens. */
export async function connect(
  member: Member,
  wanted: { role?: string; unit?: string; changes?: Parameters } = {},
): Promise<Tokens & { client_id: string; code: string }> {
  const client_id = await register();
  const code = await approve(member, queryOf(client_id, wanted.changes), wanted);
  return { ...(await tokensOf(codeForm(code, client_id))), client_id, code };
}

/** The refusal of the token endpoint. */
export async function expectRefused(answer: Response, error: string, status = 400): Promise<string> {
  const body = await answer.json<{ error: string; error_description: string }>();
  expect([answer.status, body.error], body.error_description).toEqual([status, error]);
  expect(answer.headers.get("Cache-Control")).toBe("no-store");
  return body.error_description;
}
