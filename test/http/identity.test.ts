/** Who stays in: what a credential created, identity providers of organizations, wrong credentials, and the record of changes. */
import { env } from "cloudflare:workers";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createPersonalToken } from "../../src/core/auth";
import { sha256Hex } from "../../src/hash";
import { mintCtx } from "../support/context";
import {
  adminDelete,
  adminPost,
  basicClient,
  basicHeader,
  bearerClient,
  type Client,
  clientWith,
  mintClient,
  mintCredential,
  mintTenant,
} from "../support/tenant";
import { countingD1, failingD1, logged, readProblem, request } from "../support/worker";
import { mintWorkspace, readError } from "../support/workspace";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const UNITS = "/org-units";
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const operator = clientWith({ Authorization: "Bearer test-admin-token" });

function passTime(ms: number): void {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(now + ms);
}

type Token = { id: string; token: string; expires_at: string | null };
const newToken = async (client: Client, json: object = { name: "laptop" }, bindings: Partial<Env> = {}): Promise<Token> => {
  const answer = await client.post("/settings/tokens", json, { bindings });
  expect(answer.status, await answer.clone().text()).toBe(201);
  return answer.json<Token>();
};

describe("what a credential creates", () => {
  it("is not created once the creator is revoked, even while an isolate still trusts the creator", async () => {
    const ctx = await mintCtx();
    const { organization_id } = ctx.tenant;
    const { credential_id } = await mintCredential(organization_id, { kind: "service_account" });
    const caller = { ...ctx, actor: { kind: "credential", credential_id, organization_id, role: "admin", home: null } as const };
    await createPersonalToken(caller, { name: "in time" });
    await env.DB.prepare("UPDATE credentials SET revoked_at = ?2 WHERE credential_id = ?1").bind(credential_id, Date.now()).run();
    await expect(createPersonalToken(caller, { name: "late" })).rejects.toMatchObject({ code: "unauthenticated" });
    const count = "SELECT count(*) AS n FROM credentials WHERE created_by = ?1";
    expect(await env.DB.prepare(count).bind(credential_id).first("n")).toBe(1);
  });

  it("is not created by an expired one either", async () => {
    const ctx = await mintCtx();
    const { organization_id } = ctx.tenant;
    const expires_at = new Date(Date.now() + MINUTE_MS).toISOString();
    const { credential_id } = await mintCredential(organization_id, { kind: "service_account", expires_at });
    const actor = { kind: "credential", credential_id, organization_id, role: "admin", home: null } as const;
    const late = { ...ctx, actor, now: () => Date.now() + MINUTE_MS };
    await expect(createPersonalToken(late, { name: "late" })).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("dies with it, service accounts of /secrets and what they created included", async () => {
    const { organization_id, client } = await mintTenant();
    const creator = await mintCredential(organization_id, { kind: "service_account", unit_id: "unit_default" });
    const answer = await basicClient(creator).post("/secrets", { name: "Zapier" });
    const account = basicClient(await answer.json<{ client_id: string; client_secret: string }>());
    const token = bearerClient((await newToken(account)).token);
    for (const each of [account, token]) expect((await each.get("/profile-fields")).status).toBe(200);
    expect(await adminDelete(`/admin/organizations/${organization_id}/credentials/${creator.credential_id}`)).toBe(204);
    for (const each of [account, token]) await readProblem(await each.get("/profile-fields"), 401);
    expect((await client.get("/profile-fields")).status).toBe(200);
  });

  it("expires with it, service accounts included", async () => {
    const { organization_id } = await mintTenant();
    const expires_at = new Date(Date.now() + 10 * MINUTE_MS).toISOString();
    const creator = basicClient(await mintCredential(organization_id, { kind: "service_account", unit_id: "unit_default", expires_at }));
    const account = basicClient(await (await creator.post("/secrets", { name: "s" })).json<{ client_id: string; client_secret: string }>());
    expect((await account.get(UNITS)).status).toBe(200);
    passTime(10 * MINUTE_MS);
    await readProblem(await account.get(UNITS), 401);
  });
});

describe("an editor's tokens", () => {
  it("are the editor's to revoke, and those created with them; a colleague's are an admin's", async () => {
    const { client, organization_id } = await mintTenant();
    const [mine, colleagues] = await Promise.all(
      [0, 1].map(() => mintClient(organization_id, { unit_id: "unit_default", role: "editor" })),
    );
    const first = await newToken(mine as Client);
    const second = await newToken(bearerClient(first.token));
    const theirs = await newToken(colleagues as Client);
    const path = ({ id }: Token) => `/settings/tokens/${id}`;
    expect((await readProblem(await (mine as Client).call("DELETE", path(theirs)), 403)).detail).toContain("admin");
    await readProblem(await bearerClient(second.token).call("DELETE", path(first)), 403);
    expect((await bearerClient(theirs.token).get(UNITS)).status).toBe(200);
    // a token may end itself
    expect((await bearerClient(second.token).call("DELETE", path(second))).status).toBe(204);
    expect((await (mine as Client).call("DELETE", path(first))).status).toBe(204);
    expect((await client.call("DELETE", path(theirs))).status).toBe(204);
  });
});

describe("identity providers", () => {
  type Provider = { issuer: string; jwks_url: string; audience: string; token: (claims: JWTPayload) => Promise<string> };

  async function mintProvider(): Promise<Provider> {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const issuer = `https://${crypto.randomUUID()}.example.com/`;
    const jwks_url = `${issuer}jwks.json`;
    const jwk = { ...(await exportJWK(publicKey)), kid: "theirs", alg: "ES256", use: "sig" };
    vi.stubGlobal("fetch", async (input: RequestInfo | URL) =>
      String(input) === jwks_url ? Response.json({ keys: [jwk] }) : new Response(null, { status: 404 }),
    );
    const token = (claims: JWTPayload) => {
      const now = Math.floor(Date.now() / 1000);
      const payload = { iss: issuer, aud: "leads", sub: "user-1", iat: now, exp: now + 600, ...claims };
      return new SignJWT(payload).setProtectedHeader({ alg: "ES256", kid: "theirs" }).sign(privateKey);
    };
    return { issuer, jwks_url, audience: "leads", token };
  }
  const map = ({ issuer, jwks_url, audience }: Provider, organizationId: string) =>
    adminPost<{ identity_provider_id: string }>(`/admin/organizations/${organizationId}/identity-providers`, {
      issuer,
      jwks_url,
      audience,
    });

  it("one opens its own organization, with and without the claim `org`, and no other", async () => {
    const { organization_id } = await mintTenant();
    const rival = await mintTenant();
    const provider = await mintProvider();
    await readProblem(await bearerClient(await provider.token({})).get(UNITS), 401);
    expect(await map(provider, organization_id)).toMatchObject({ identity_provider_id: expect.stringMatching(/^idp_/), organization_id });
    for (const claims of [{}, { org: organization_id }]) {
      const answer = await bearerClient(await provider.token(claims)).get(UNITS);
      expect(await answer.json()).toMatchObject([{ org_id: organization_id }]);
    }
    for (const claims of [{ org: rival.organization_id }, { org: "org_unknown" }, { aud: "other" }, { org: ["x"] }]) {
      await readProblem(await bearerClient(await provider.token(claims as JWTPayload)).get(UNITS), 401);
    }
  });

  it("an issuer belongs to one organization; who deletes the provider ends its tokens and what its users created", async () => {
    const { organization_id } = await mintTenant();
    const rival = await mintTenant();
    const provider = await mintProvider();
    const { identity_provider_id } = await map(provider, organization_id);
    const { issuer, jwks_url, audience } = provider;
    const path = (organization: string) => `/admin/organizations/${organization}/identity-providers`;
    await readProblem(await operator.post(path(rival.organization_id), { issuer, jwks_url, audience }), 409);
    await readProblem(await operator.post(path("org_unknown"), { issuer: "x", jwks_url, audience }), 404);
    for (const wrong of [{}, { issuer, jwks_url: "http://example.com/", audience }, { issuer, jwks_url, audience: "" }]) {
      await readProblem(await operator.post(path(organization_id), wrong), 400);
    }
    expect(await (await operator.get(path(organization_id))).json()).toMatchObject({
      identity_providers: [{ identity_provider_id, issuer }],
    });
    expect(await (await operator.get(path(rival.organization_id))).json()).toEqual({ identity_providers: [] });
    await readProblem(await (await mintClient(organization_id)).get(path(organization_id)), 401);

    const user = bearerClient(await provider.token({ role: "admin", ou: "unit_default" }));
    const pat = bearerClient((await newToken(user)).token);
    const account = basicClient(await (await user.post("/secrets", { name: "s" })).json<{ client_id: string; client_secret: string }>());
    for (const each of [user, pat, account]) expect((await each.get(UNITS)).status).toBe(200);
    expect(await adminDelete(`${path(rival.organization_id)}/${identity_provider_id}`)).toBe(404);
    expect(await adminDelete(`${path(organization_id)}/${identity_provider_id}`)).toBe(204);
    for (const each of [user, pat, account]) await readProblem(await each.get(UNITS), 401);
  });

  it("a user's token carries the user, ends within a day, and is the user's own to revoke", async () => {
    const { organization_id } = await mintTenant();
    const provider = await mintProvider();
    await map(provider, organization_id);
    const user = async (sub: string) => bearerClient(await provider.token({ sub, role: "editor", ou: "unit_default" }));
    const alex = await user("alex");
    const long = await newToken(alex, { name: "t", expires_at: new Date(Date.now() + 30 * DAY_MS).toISOString() });
    const short = await newToken(alex, { name: "t", expires_at: new Date(Date.now() + MINUTE_MS).toISOString() });
    const child = await newToken(bearerClient((await newToken(alex)).token));
    for (const { id, expires_at } of [long, child]) {
      expect(Date.parse(expires_at ?? "")).toBeLessThanOrEqual(Date.now() + DAY_MS);
      const row = await env.DB.prepare("SELECT subject FROM credentials WHERE credential_id = ?1").bind(id).first("subject");
      expect(row).toBe("alex");
    }
    expect(Date.parse(short.expires_at ?? "")).toBeLessThanOrEqual(Date.now() + MINUTE_MS);
    await readProblem(await (await user("sam")).call("DELETE", `/settings/tokens/${long.id}`), 403);
    expect((await alex.call("DELETE", `/settings/tokens/${long.id}`)).status).toBe(204);
  });

  it("`ou` restricts: the token opens that org unit and no other", async () => {
    const { organization_id } = await mintTenant();
    const roaming = await mintClient(organization_id);
    expect((await roaming.post(UNITS, { name: "Other" })).status).toBe(201);
    const provider = await mintProvider();
    await map(provider, organization_id);
    const user = bearerClient(await provider.token({ role: "admin", ou: "unit_default" }));
    expect((await user.get("/profile-fields")).status).toBe(200);
    await readProblem(await user.get("/profile-fields", { headers: { "X-Org-Unit": "unit_other" } }), 404);
    expect(await (await user.get(UNITS)).json()).toHaveLength(1);
    await readProblem(await user.post(UNITS, { name: "Mine" }), 403);
  });

  it("the provider of the settings opens the organizations that the operator lists, and by itself none", async () => {
    const { organization_id } = await mintTenant();
    const rival = await mintTenant();
    const { issuer, jwks_url, audience, token } = await mintProvider();
    const settings = { AUTH_JWKS_URL: jwks_url, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience };
    const call = async (org: string, AUTH_ORGANIZATIONS: string) =>
      (await bearerClient(await token({ org })).get(UNITS, { bindings: { ...settings, AUTH_ORGANIZATIONS } as unknown as Partial<Env> }))
        .status;
    expect(await call(organization_id, "")).toBe(401);
    expect(await call(organization_id, `org_x, ${organization_id}`)).toBe(200);
    expect(await call(rival.organization_id, `org_x, ${organization_id}`)).toBe(401);
    expect(await call(rival.organization_id, "*")).toBe(200);
  });

  it.each([
    ["no network", () => Promise.reject(new TypeError("no network"))],
    ["a 500", async () => new Response("oops", { status: 500 })],
    ["no JSON", async () => new Response("<html>")],
    ["no key set", async () => Response.json({ keys: 5 })],
  ])("keys that cannot be fetched (%s) are a 503, logged", async (_, fetched) => {
    const { organization_id } = await mintTenant();
    const provider = await mintProvider();
    await map(provider, organization_id);
    vi.stubGlobal("fetch", fetched);
    const token = await provider.token({});
    const lines = await logged(async () => {
      const answer = await bearerClient(token).get(UNITS);
      expect(answer.headers.get("Retry-After")).toBe("1");
      await readProblem(answer, 503);
    });
    expect(lines.join()).toContain("key set of an identity provider not fetched");
    expect(lines.join()).not.toContain(token);
  });
});

describe("wrong credentials", () => {
  let next = 0;
  const address = (): string => `198.51.100.${next++}`;
  const wrongOf = (ip: string, n: number, headers: Record<string, string> = {}): Client =>
    clientWith({ Authorization: `Basic ${btoa(`ci_${n}:cs_wrong${n}`)}`, "CF-Connecting-IP": ip, ...headers });
  const exhaust = async (ip: string, failures = 59) => {
    for (let n = 0; n < failures; n++) expect((await wrongOf(ip, n).get(UNITS)).status, String(n)).toBe(401);
  };

  it("from the 60th within a minute and address are a 429 with Retry-After, before the database", async () => {
    const ip = address();
    await exhaust(ip);
    const { DB, count } = countingD1();
    const answer = await wrongOf(ip, 60).get(UNITS, { bindings: { DB } });
    expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(Number(answer.headers.get("Retry-After"))).toBeLessThanOrEqual(60);
    expect((await readProblem(answer, 429)).code).toBe("rate_limited");
    for (const each of [
      clientWith({ Authorization: `Bearer kbn_pat_${"0".repeat(64)}`, "CF-Connecting-IP": ip }),
      clientWith({ Authorization: "Bearer a.b.c", "CF-Connecting-IP": ip }),
      wrongOf(ip, 1),
    ]) {
      await readProblem(await each.get(UNITS, { bindings: { DB } }), 429);
    }
    expect(count.trips).toBe(0);
    await readProblem(await wrongOf(ip, 61).get(UNITS, { bindings: failingD1("Network connection lost") }), 429);
    expect((await wrongOf(address(), 60).get(UNITS)).status).toBe(401);
  });

  it("are not those that an outage of the database leaves unread: right ones of an address pass as soon as it is back", async () => {
    const ip = { "CF-Connecting-IP": address() };
    const { organization_id } = await mintTenant();
    const fresh = async () => basicHeader(await mintCredential(organization_id, { kind: "service_account", unit_id: "unit_default" }));
    const [first, second] = [await fresh(), await fresh()];
    await logged(async () => {
      for (let n = 0; n < 70; n++) {
        const answer = await request(UNITS, { headers: { ...ip, Authorization: first } }, failingD1("D1_ERROR: D1 DB is overloaded."));
        expect(Number(answer.headers.get("Retry-After")), String(n)).toBeGreaterThan(0);
        await readProblem(answer, 503);
      }
    });
    for (const Authorization of [first, second]) expect((await request(UNITS, { headers: { ...ip, Authorization } })).status).toBe(200);
    await exhaust(ip["CF-Connecting-IP"]);
    await readProblem(await wrongOf(ip["CF-Connecting-IP"], 60).get(UNITS), 429);
  });

  it("a right one from that address passes: known, new, of every kind, and from before there were tags", async () => {
    const ip = { "CF-Connecting-IP": address() };
    const { organization_id, credential, client } = await mintTenant();
    const known = { ...ip, Authorization: basicHeader(credential) };
    const untagged = await mintCredential(organization_id, { kind: "service_account", unit_id: "unit_default" });
    await env.DB.prepare("UPDATE credentials SET tag_key_id = NULL, secret_hash = ?2 WHERE credential_id = ?1")
      .bind(untagged.credential_id, sha256Hex("old-secret"))
      .run();
    // what this isolate has read of untagged ones in other tests is a minute old
    passTime(MINUTE_MS);
    await exhaust(ip["CF-Connecting-IP"]);
    await readProblem(await wrongOf(ip["CF-Connecting-IP"], 60).get(UNITS), 429);

    const old = basicHeader({ client_id: untagged.client_id, client_secret: "old-secret" });
    const fresh = await mintCredential(organization_id, { kind: "service_account", unit_id: "unit_default" });
    const pat = await newToken(client);
    const key = await mintCredential(organization_id, { kind: "partner_key" });
    for (const Authorization of [known.Authorization, old, basicHeader(fresh), `Bearer ${pat.token}`]) {
      expect((await request(UNITS, { headers: { ...ip, Authorization } })).status).toBe(200);
    }
    const body = JSON.stringify({ action: "get_channels" });
    expect((await request("/partner", { method: "POST", headers: { ...ip, "X-Api-Key": key.api_key }, body })).status).toBe(200);
    const form = new URLSearchParams({ grant_type: "client_credentials" });
    const token = await request("/oauth/token", { method: "POST", headers: { ...ip, Authorization: basicHeader(fresh) }, body: form });
    expect(token.status).toBe(200);
    const { access_token } = await token.json<{ access_token: string }>();
    expect((await request(UNITS, { headers: { ...ip, Authorization: `Bearer ${access_token}` } })).status).toBe(200);
    // still closed for the others
    await readProblem(await wrongOf(ip["CF-Connecting-IP"], 61).get(UNITS), 429);
  });

  it("a minute later the address is as any other; an IPv6 /64 is one address", async () => {
    const prefix = "2001:db8:1:2";
    await exhaust(`${prefix}::1`, 30);
    for (let n = 0; n < 29; n++) expect((await wrongOf(`${prefix}:a:b:c:${n}`, n).get(UNITS)).status).toBe(401);
    await readProblem(await wrongOf(`${prefix}:ffff::1`, 99).get(UNITS), 429);
    expect((await wrongOf("2001:db8:1:3::1", 99).get(UNITS)).status).toBe(401);
    passTime(MINUTE_MS);
    expect((await wrongOf(`${prefix}::1`, 100).get(UNITS)).status).toBe(401);
  });

  it("are counted over all doors, and refused in each dialect's words", async () => {
    const ip = { "CF-Connecting-IP": address() };
    await mintWorkspace();
    for (let n = 0; n < 15; n++) {
      const key = `sk-workspace_${String(n).padStart(51, "0")}`;
      expect((await request("/api/v1/leads", { headers: { ...ip, Authorization: `Bearer ${key}` } })).status).toBe(401);
      const partner = await request("/partner", { method: "POST", headers: { ...ip, "X-Api-Key": `pk_${n}` }, body: "{}" });
      expect(partner.status).toBe(401);
      const form = new URLSearchParams({ grant_type: "client_credentials", client_id: "x", client_secret: String(n) });
      expect((await request("/oauth/token", { method: "POST", headers: ip, body: form })).status).toBe(401);
      const admin = await request("/admin/audit", { headers: { ...ip, Authorization: `Bearer wrong${n}` } });
      expect(admin.status).toBe(n < 14 ? 401 : 429);
    }
    const key = `sk-workspace_${"1".padStart(51, "1")}`;
    const workspace = await request("/api/v1/leads", { headers: { ...ip, Authorization: `Bearer ${key}` } });
    expect(workspace.headers.has("Retry-After")).toBe(true);
    expect((await readError(workspace, 429)).code).toBe("RATE_LIMIT_EXCEEDED");
    const partner = await request("/partner", { method: "POST", headers: { ...ip, "X-Api-Key": "pk_x" }, body: "{}" });
    expect([partner.status, await partner.json()]).toEqual([429, { error: expect.stringContaining("Too many") }]);
    const form = new URLSearchParams({ grant_type: "client_credentials", client_id: "x", client_secret: "y" });
    const oauth = await request("/oauth/token", { method: "POST", headers: ip, body: form });
    expect([oauth.status, await oauth.json()]).toMatchObject([429, { error: "invalid_client" }]);
    expect(oauth.headers.has("Retry-After")).toBe(true);
    expect((await request("/admin/audit", { headers: { ...ip, Authorization: "Bearer test-admin-token" } })).status).toBe(200);
  });
});

describe("the audit log", () => {
  type Entry = {
    entry_id: string;
    action: string;
    target_id: string;
    actor: { kind: string; id: string };
    organization_id: string | null;
    at: string;
    request_id: string;
  };
  const read = async (query: string): Promise<{ entries: Entry[]; next_cursor: string | null }> =>
    (await operator.get(`/admin/audit?${query}`)).json();

  it("says who changed what and when, newest first, without a secret, and only the operator reads it", async () => {
    const { organization_id, credential, client } = await mintTenant();
    const roaming = await mintClient(organization_id);
    await roaming.post(UNITS, { name: "EMEA" });
    await roaming.call("PUT", "/org-units/unit_emea", { json: { name: "Europe" } });
    const pat = await newToken(client);
    await client.call("DELETE", `/settings/tokens/${pat.id}`, { headers: { "X-Request-Id": "req-of-the-test" } });
    const { entries } = await read(`organization_id=${organization_id}`);
    expect(entries.map(({ action }) => action)).toEqual([
      "credential.revoked",
      "credential.created",
      "org_unit.changed",
      "org_unit.created",
      "credential.created",
      "credential.created",
      "organization.created",
    ]);
    expect(entries[0]).toEqual({
      entry_id: expect.stringMatching(/^aud_/),
      at: expect.stringMatching(/Z$/),
      organization_id,
      actor: { kind: "credential", id: credential.credential_id },
      action: "credential.revoked",
      target_id: pat.id,
      request_id: "req-of-the-test",
    });
    expect(entries.at(-1)).toMatchObject({ actor: { kind: "operator", id: "operator" }, target_id: organization_id });
    expect(JSON.stringify(entries)).not.toContain(pat.token);
    await readProblem(await client.get("/admin/audit"), 401);
  });

  it("what is refused leaves no entry", async () => {
    const { organization_id, client } = await mintTenant();
    const before = await read(`organization_id=${organization_id}`);
    await client.call("DELETE", "/settings/tokens/pat_unknown");
    await client.post("/org-units", { name: "Mine" });
    expect(await read(`organization_id=${organization_id}`)).toEqual(before);
  });

  it("is read page by page, each entry once, and removed after 400 days", async () => {
    const { organization_id } = await mintTenant();
    const insert = env.DB.prepare(
      `INSERT INTO audit_entries (entry_id, organization_id, at, actor_kind, actor_id, action, target_id, request_id)
       VALUES (?1, ?2, ?3, 'operator', 'operator', 'credential.created', 'x', 'r')`,
    );
    const old = Date.now() - 401 * DAY_MS;
    const rows = Array.from({ length: 150 }, (_, n) =>
      insert.bind(`aud_0000${String(n).padStart(4, "0")}${organization_id}`, organization_id, old),
    );
    await env.DB.batch(rows);
    const first = await read(`organization_id=${organization_id}`);
    const second = await read(`organization_id=${organization_id}&cursor=${first.next_cursor}`);
    expect([first.entries.length, second.entries.length, second.next_cursor]).toEqual([100, 52, null]);
    expect(new Set([...first.entries, ...second.entries].map(({ entry_id }) => entry_id)).size).toBe(152);
    const { default: worker } = await import("../../src/index");
    const { createScheduledController } = await import("cloudflare:test");
    await worker.scheduled(createScheduledController({ cron: "*/10 * * * *" }), env);
    expect((await read(`organization_id=${organization_id}`)).entries.map(({ action }) => action)).toEqual([
      "credential.created",
      "organization.created",
    ]);
  });
});
