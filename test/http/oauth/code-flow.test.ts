/** Codes and refresh tokens: what they are bound to, that each works once, and when what they granted ends. */
import { env } from "cloudflare:workers";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openConsoleSession } from "../../../src/core/sign-in";
import { openCaller, ready } from "../../../src/open-context";
import { mintMember, post } from "../../support/console";
import {
  approve,
  askToken,
  codeForm,
  connect,
  expectRefused,
  MCP,
  queryOf,
  refreshForm,
  register,
  type Tokens,
  tokensOf,
} from "../../support/oauth";
import { adminDelete, bearerClient, mintCredential } from "../../support/tenant";
import { countingD1, ORIGIN, readProblem, request } from "../../support/worker";

const DAY_MS = 86_400_000;

afterEach(() => {
  vi.useRealTimers();
});

const later = (ms: number): void => {
  vi.useFakeTimers({ now: Date.now() + ms, toFake: ["Date"] });
};

const opens = async (token: string): Promise<boolean> => (await bearerClient(token).get("/profile-fields")).status === 200;

/** Beyond the 30 seconds for which an isolate trusts what it has read. */
const expectClosedSoon = async (token: string): Promise<void> => {
  later(31_000);
  await readProblem(await bearerClient(token).get("/profile-fields"), 401);
};

describe("a code", () => {
  it("becomes an access token of the grant's role and unit, and a refresh token", async () => {
    const member = await mintMember();
    const tokens = await connect(member, { role: "editor" });
    expect(tokens).toMatchObject({ token_type: "Bearer", expires_in: 3600, scope: "editor" });
    expect(decodeProtectedHeader(tokens.access_token)).toMatchObject({ alg: "EdDSA", typ: "at+jwt" });
    const claims = decodeJwt(tokens.access_token);
    expect(claims).toMatchObject({
      iss: ORIGIN,
      aud: "leadedge",
      org: member.organization_id,
      ou: "unit_default",
      role: "editor",
      client_id: tokens.client_id,
    });
    expect(claims.jti).toMatch(/^[0-9a-f]{32}$/);
    const client = bearerClient(tokens.access_token);
    expect((await client.post("/accounts", { name: "Acme" })).status).toBe(201);
    await readProblem(await client.post("/secrets", { name: "More" }), 403);
  });

  it("works once: sent again, it ends what it granted", async () => {
    const { code, client_id, access_token, refresh_token } = await connect(await mintMember());
    expect(await opens(access_token)).toBe(true);
    await expectRefused(await askToken(codeForm(code, client_id)), "invalid_grant");
    await readProblem(await bearerClient(access_token).get("/profile-fields"), 401);
    await expectRefused(await askToken(refreshForm(refresh_token, client_id)), "invalid_grant");
  });

  it("sent twice at once, it grants nothing that lasts", async () => {
    const client_id = await register();
    const code = await approve(await mintMember(), queryOf(client_id));
    const answers = await Promise.all([askToken(codeForm(code, client_id)), askToken(codeForm(code, client_id))]);
    const won = answers.filter(({ status }) => status === 200);
    expect(won.length).toBeLessThanOrEqual(1);
    for (const answer of won) await expectClosedSoon((await answer.json<Tokens>()).access_token);
  });

  it.each([
    ["another verifier", { code_verifier: "x".repeat(43) }, "invalid_grant"],
    ["no verifier", { code_verifier: "" }, "invalid_grant"],
    ["the challenge as the verifier", { code_verifier: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" }, "invalid_grant"],
    ["another redirect_uri", { redirect_uri: "http://127.0.0.1:4000/callback" }, "invalid_grant"],
    ["no redirect_uri", { redirect_uri: "" }, "invalid_grant"],
    ["another client", { client_id: "https://app.example.com/client.json" }, "invalid_grant"],
    ["no client", { client_id: "" }, "invalid_request"],
    ["another resource", { resource: MCP }, "invalid_target"],
    ["another service as the resource", { resource: "https://other.example.com" }, "invalid_target"],
    ["no code", { code: "" }, "invalid_request"],
    ["a secret", { client_secret: "secret" }, "invalid_client"],
  ])("with %s it is refused, and stays good for its client", async (_, changes, error) => {
    const client_id = await register();
    const code = await approve(await mintMember(), queryOf(client_id));
    await expectRefused(await askToken(codeForm(code, client_id, changes)), error, error === "invalid_client" ? 401 : 400);
    expect((await askToken(codeForm(code, client_id))).status).toBe(200);
  });

  it("is good for a minute", async () => {
    const client_id = await register();
    const member = await mintMember();
    const code = await approve(member, queryOf(client_id));
    later(61_000);
    await expectRefused(await askToken(codeForm(code, client_id)), "invalid_grant");
  });

  it("that somebody made up costs no look-up, and ends nobody's grant", async () => {
    const { code, client_id, access_token } = await connect(await mintMember());
    const [grant] = code.split(".");
    const { DB, count } = countingD1();
    for (const made of ["", "x", `${grant}.lac_`, `${grant}.lar_${"0".repeat(64)}`, `grant_${"0".repeat(32)}.lac_x`]) {
      const body = new URLSearchParams(codeForm(made || "none", client_id));
      const answer = await request("/oauth/token", { method: "POST", body }, { DB });
      expect(answer.status).toBe(400);
    }
    expect(count.trips).toBe(0);
    // a genuine ending of another grant's code does not count either
    const other = await connect(await mintMember());
    const forged = `${grant}.${other.code.split(".")[1]}`;
    await expectRefused(await askToken(codeForm(forged, client_id)), "invalid_grant");
    await expectRefused(await askToken(codeForm(`${grant}.lac_${"0".repeat(64)}`, client_id)), "invalid_grant");
    later(31_000);
    expect(await opens(access_token)).toBe(true);
  });

  it("is stored as a hash, and dies with the credential of whoever let the client in", async () => {
    const client_id = await register();
    const member = await mintMember();
    const code = await approve(member, queryOf(client_id));
    const { results } = await env.DB.prepare("SELECT * FROM credentials WHERE organization_id = ?1").bind(member.organization_id).all();
    expect(JSON.stringify(results)).not.toContain(code.split(".")[1]);
    expect(await adminDelete(`/admin/organizations/${member.organization_id}/credentials/${member.credential.credential_id}`)).toBe(204);
    await expectRefused(await askToken(codeForm(code, client_id)), "invalid_grant");
  });

  it("takes two round trips", async () => {
    const client_id = await register();
    const code = await approve(await mintMember(), queryOf(client_id));
    const { DB, count } = countingD1();
    const answer = await request("/oauth/token", { method: "POST", body: new URLSearchParams(codeForm(code, client_id)) }, { DB });
    expect([answer.status, count.trips]).toEqual([200, 2]);
  });
});

describe("a refresh token", () => {
  it("is replaced each time, and its access tokens keep role, unit and resource", async () => {
    const member = await mintMember();
    const first = await connect(member, { changes: { resource: MCP } });
    const second = await tokensOf(refreshForm(first.refresh_token, first.client_id));
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(second.scope).toBe("viewer");
    const { jti: _, iat: __, exp: ___, ...claims } = decodeJwt(second.access_token);
    expect(decodeJwt(first.access_token)).toMatchObject(claims);
    const third = await tokensOf({ ...refreshForm(second.refresh_token, first.client_id), resource: MCP });
    expect(decodeJwt(third.access_token).aud).toBe(MCP);
  });

  it("sent again within a minute, after a lost response, it returns the same refresh token and writes nothing", async () => {
    const first = await connect(await mintMember());
    const lost = await tokensOf(refreshForm(first.refresh_token, first.client_id));
    later(59_000);
    const { DB, count } = countingD1();
    const body = new URLSearchParams(refreshForm(first.refresh_token, first.client_id));
    const again = await (await request("/oauth/token", { method: "POST", body }, { DB })).json<Tokens>();
    expect([again.refresh_token, count.trips, count.rowsWritten]).toEqual([lost.refresh_token, 1, 0]);
    expect(await opens(again.access_token)).toBe(true);
    expect(await opens((await tokensOf(refreshForm(again.refresh_token, first.client_id))).access_token)).toBe(true);
  });

  it("sent twice at once, it returns the same refresh token to both", async () => {
    const { refresh_token, client_id } = await connect(await mintMember());
    const [one, other] = await Promise.all([
      tokensOf(refreshForm(refresh_token, client_id)),
      tokensOf(refreshForm(refresh_token, client_id)),
    ]);
    expect(one.refresh_token).toBe(other.refresh_token);
    expect([await opens(one.access_token), await opens(other.access_token)]).toEqual([true, true]);
  });

  it.each([
    [
      "after its successor was used",
      async ({ client_id }: { client_id: string }, next: Tokens) => tokensOf(refreshForm(next.refresh_token, client_id)),
    ],
    [
      "by another client",
      async (first: { client_id: string }) => {
        first.client_id = await register({ client_name: "Other", redirect_uris: ["http://127.0.0.1:3999/other"] });
      },
    ],
  ])("sent again %s, it ends the grant, within the minute too", async (_, act) => {
    const first = await connect(await mintMember());
    const next = await tokensOf(refreshForm(first.refresh_token, first.client_id));
    await act(first, next);
    await expectRefused(await askToken(refreshForm(first.refresh_token, first.client_id)), "invalid_grant");
    await readProblem(await bearerClient(next.access_token).get("/profile-fields"), 401);
  });

  it("sent again later, it ends the grant: one of the two has stolen it", async () => {
    const first = await connect(await mintMember());
    const second = await tokensOf(refreshForm(first.refresh_token, first.client_id));
    expect(await opens(second.access_token)).toBe(true);
    later(61_000);
    await expectRefused(await askToken(refreshForm(first.refresh_token, first.client_id)), "invalid_grant");
    await readProblem(await bearerClient(second.access_token).get("/profile-fields"), 401);
    await expectRefused(await askToken(refreshForm(second.refresh_token, first.client_id)), "invalid_grant");
  });

  it.each([
    ["another client", { client_id: "https://app.example.com/client.json" }, "invalid_grant"],
    ["another resource", { resource: MCP }, "invalid_target"],
  ])("with %s it is refused, and stays good", async (_, changes, error) => {
    const { refresh_token, client_id } = await connect(await mintMember());
    await expectRefused(await askToken({ ...refreshForm(refresh_token, client_id), ...changes }), error);
    expect((await askToken(refreshForm(refresh_token, client_id))).status).toBe(200);
  });

  it("is no code, and a code is no refresh token", async () => {
    const client_id = await register();
    const code = await approve(await mintMember(), queryOf(client_id));
    await expectRefused(await askToken(refreshForm(code, client_id)), "invalid_grant");
    const { refresh_token } = await tokensOf(codeForm(code, client_id));
    await expectRefused(await askToken(codeForm(refresh_token, client_id)), "invalid_grant");
    expect((await askToken(refreshForm(refresh_token, client_id))).status).toBe(200);
  });

  it("ends after 90 days, however often it was used", async () => {
    const first = await connect(await mintMember());
    later(60 * DAY_MS);
    const second = await tokensOf(refreshForm(first.refresh_token, first.client_id));
    later(31 * DAY_MS);
    await expectRefused(await askToken(refreshForm(second.refresh_token, first.client_id)), "invalid_grant");
  });
});

describe("what a client was granted", () => {
  it("ends with the credential of whoever let it in, within 30 seconds", async () => {
    const member = await mintMember();
    const { access_token, refresh_token, client_id } = await connect(member);
    expect(await opens(access_token)).toBe(true);
    expect(await adminDelete(`/admin/organizations/${member.organization_id}/credentials/${member.credential.credential_id}`)).toBe(204);
    await expectClosedSoon(access_token);
    await expectRefused(await askToken(refreshForm(refresh_token, client_id)), "invalid_grant");
  });

  it("does not outlive that credential's expiry", async () => {
    const { organization_id } = await mintMember();
    const expires_at = new Date(Date.now() + 600_000).toISOString();
    const { token } = await mintCredential(organization_id, { kind: "personal_token", expires_at });
    const signedIn = await post("sign-in", { token });
    const Cookie = signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const client_id = await register();
    const approved = await post("authorization.approve", { query: queryOf(client_id), role: "viewer" }, { Cookie });
    const { redirect_to } = await approved.json<{ redirect_to: string }>();
    const tokens = await tokensOf(codeForm(new URL(redirect_to).searchParams.get("code") ?? "", client_id));
    expect(tokens.expires_in).toBeLessThanOrEqual(600);
    expect(tokens.expires_in).toBeGreaterThan(500);
    later(601_000);
    await readProblem(await bearerClient(tokens.access_token).get("/profile-fields"), 401);
  });

  it("is listed in its unit, and ended by whoever granted it or by an admin, never by others", async () => {
    const admin = await mintMember();
    const { organization_id } = admin;
    const editor = await mintMember({ organization_id, role: "editor" });
    const colleague = await mintMember({ organization_id, role: "editor" });
    const rival = await mintMember();
    type Listed = { grant_id: string; name: string; role: string; client_id: string }[];
    const listed = async (member: typeof admin) => (await member.call("grants.list")).json<Listed>();
    const { access_token, client_id } = await connect(editor);
    const [grant] = await listed(colleague);
    expect(grant).toMatchObject({ name: "Acme Agent", role: "viewer", client_id });
    expect(await listed(rival)).toEqual([]);
    const given = { grant_id: grant?.grant_id };
    await readProblem(await rival.call("grants.revoke", given), 404);
    await readProblem(await colleague.call("grants.revoke", given), 403);
    expect(await opens(access_token)).toBe(true);
    expect((await editor.call("grants.revoke", given)).status).toBe(200);
    await readProblem(await bearerClient(access_token).get("/profile-fields"), 401);
    expect(await listed(editor)).toEqual([]);

    const second = await connect(editor);
    const [another] = await listed(admin);
    expect((await admin.call("grants.revoke", { grant_id: another?.grant_id })).status).toBe(200);
    await readProblem(await bearerClient(second.access_token).get("/profile-fields"), 401);
  });

  it("is in the audit log, its beginning and its end", async () => {
    const member = await mintMember();
    const { code, client_id } = await connect(member);
    await askToken(codeForm(code, client_id));
    const [grant] = code.split(".");
    const log = await request(`/admin/audit?organization_id=${member.organization_id}`, {
      headers: { Authorization: "Bearer test-admin-token" },
    });
    const { entries } = await log.json<{ entries: { target_id: string; action: string; actor: unknown }[] }>();
    expect(entries.filter(({ target_id }) => target_id === grant).map(({ action }) => action)).toEqual([
      "credential.revoked",
      "credential.created",
    ]);
  });
});

describe("a program with the role admin", () => {
  it("opens no session of the console, and one from before it did not is ended", async () => {
    const member = await mintMember({ unit_id: "unit_default" });
    const { access_token } = await connect(member, { role: "admin" });
    expect(await opens(access_token)).toBe(true);
    expect((await post("sign-in", { token: access_token })).status).toBe(403);
    const [grant] = await (await member.call("grants.list")).json<{ grant_id: string }[]>();
    const { organization_id } = member;
    const actor = {
      kind: "credential",
      credential_id: grant?.grant_id ?? "",
      organization_id,
      role: "admin",
      home: "unit_default",
    } as const;
    await ready(env);
    const { cookie } = await openConsoleSession(openCaller(env, actor, "req_test"), { actor, until: null }, "");
    const query = queryOf(await register());
    await readProblem(await post("authorization.approve", { query, role: "admin" }, { Cookie: `leadedge=${cookie}` }), 401);
  });

  it("creates no credential that could sign in or let others in, only write keys", async () => {
    const { access_token } = await connect(await mintMember(), { role: "admin" });
    const client = bearerClient(access_token);
    for (const path of ["/settings/tokens", "/secrets"]) await readProblem(await client.post(path, { name: "More" }), 403);
    expect((await client.post("/write-keys", { name: "Website" })).status).toBe(201);
  });
});

describe("a token for one resource", () => {
  it("opens /mcp when it is for that, and a token for the whole service does, too", async () => {
    const member = await mintMember();
    const list = async (token: string): Promise<number> => {
      const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} });
      return (await bearerClient(token).call("POST", "/mcp", { headers, body })).status;
    };
    for (const resource of [MCP, ORIGIN, null]) {
      const { access_token } = await connect(member, { changes: { resource } });
      expect(await list(access_token), String(resource)).toBe(200);
    }
    const { access_token } = await connect(member);
    const bindings = { PUBLIC_ORIGIN: "https://leads.example.com" } as unknown as Partial<Env>;
    const refused = await bearerClient(access_token).post("/mcp", {}, { bindings });
    expect([refused.status, refused.headers.get("WWW-Authenticate")]).toEqual([
      401,
      'Bearer resource_metadata="https://leads.example.com/.well-known/oauth-protected-resource/mcp"',
    ]);
  });

  it("opens nothing else, the console included", async () => {
    const { access_token } = await connect(await mintMember(), { role: "admin", changes: { resource: MCP } });
    expect(decodeJwt(access_token).aud).toBe(MCP);
    await readProblem(await bearerClient(access_token).get("/profile-fields"), 401);
    expect((await post("sign-in", { token: access_token })).status).toBe(401);
  });

  it("for the whole service opens it, with or without a slash at the end", async () => {
    for (const resource of [ORIGIN, `${ORIGIN}/`, ORIGIN.toUpperCase()]) {
      const { access_token } = await connect(await mintMember(), { changes: { resource } });
      expect(decodeJwt(access_token).aud).toBe(ORIGIN);
      expect(await opens(access_token)).toBe(true);
    }
  });

  it("a service account may have one, too", async () => {
    const { credential } = await mintMember({ unit_id: "unit_default" });
    const { client_id, client_secret } = credential;
    const form = { grant_type: "client_credentials", client_id, client_secret };
    const narrow = await tokensOf({ ...form, resource: MCP });
    expect(await opens(narrow.access_token)).toBe(false);
    const whole = await tokensOf({ ...form, resource: ORIGIN });
    expect(await opens(whole.access_token)).toBe(true);
    await expectRefused(await askToken({ ...form, resource: "https://other.example.com" }), "invalid_target");
  });
});
