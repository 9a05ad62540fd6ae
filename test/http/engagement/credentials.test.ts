/** Who may call: service accounts, personal tokens, roles, and the operator's provisioning of them. */

import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { sha256Hex } from "../../../src/hash";
import {
  adminDelete,
  adminPost,
  basicClient,
  basicHeader,
  bearerClient,
  type Credential,
  clientWith,
  mintClient,
  mintCredential,
  mintTenant,
  mintUnit,
} from "../../support/tenant";
import { apiOperations, isPartner, readProblem, request } from "../../support/worker";
import { mintWorkspace, readError } from "../../support/workspace";

const UNITS = "/org-units";
const MINUTE = 60_000;

/** Moves the worker's clock. */
function passTime(ms: number): void {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(now + ms);
}
afterEach(() => {
  vi.useRealTimers();
});

const accessToken = async (credential: Credential): Promise<string> => {
  const body = new URLSearchParams({ grant_type: "client_credentials" });
  const answer = await request("/oauth/token", { method: "POST", headers: { Authorization: basicHeader(credential) }, body });
  return (await answer.json<{ access_token: string }>()).access_token;
};

const newToken = async (client: ReturnType<typeof basicClient>, json: object = { name: "laptop" }) => {
  const answer = await client.post("/settings/tokens", json);
  expect(answer.status).toBe(201);
  return answer.json<{ id: string; name: string; created_at: string; expires_at: string | null; token: string }>();
};

/** Demands a 401 that asks for credentials. */
async function expectClosed(answer: Response): Promise<void> {
  expect(answer.headers.get("WWW-Authenticate")).toMatch(/Bearer .*Basic /);
  expect((await readProblem(answer, 401)).code).toBe("unauthenticated");
}

describe("what does not hold opens nothing", () => {
  it.each([
    ["nothing", {}],
    ["an empty header", { Authorization: "" }],
    ["a scheme alone", { Authorization: "Basic" }],
    ["a bearer without a token", { Authorization: "Bearer " }],
    ["another scheme", { Authorization: "Digest username=x" }],
    ["Basic that is no base64", { Authorization: "Basic !!!" }],
    ["Basic without a colon", { Authorization: `Basic ${btoa("client")}` }],
    ["Basic without a client id", { Authorization: `Basic ${btoa(":secret")}` }],
    ["Basic that is no UTF-8", { Authorization: `Basic ${btoa("\xff\xfe:\xff")}` }],
    ["unknown Basic", { Authorization: `Basic ${btoa("ci_unknown:cs_unknown")}` }],
    ["a text that is no token", { Authorization: "Bearer x" }],
    ["a text with dots", { Authorization: "Bearer a.b.c" }],
    ["an unknown personal token", { Authorization: `Bearer kbn_pat_${"0".repeat(64)}` }],
    ["two credentials", { Authorization: `Basic ${btoa("a:b")}, Bearer x` }],
    ["a very long secret", { Authorization: `Basic ${btoa(`a:${"x".repeat(10_000)}`)}` }],
    ["the admin token", { Authorization: "Bearer test-admin-token" }],
  ] as [string, Record<string, string>][])("%s", async (_, headers) => {
    await expectClosed(await request(UNITS, { headers }));
  });

  it("which of client id and secret was wrong is not revealed", async () => {
    const { credential } = await mintTenant();
    const { credential: other } = await mintTenant();
    const seen = async (pair: { client_id: string; client_secret: string }) => {
      const answer = await request(UNITS, { headers: { Authorization: basicHeader(pair) } });
      const { request_id, ...body } = await readProblem(answer, 401);
      return [body, Object.fromEntries([...answer.headers].filter(([, value]) => value !== request_id))];
    };
    const wrongSecret = await seen({ ...credential, client_secret: "cs_wrong" });
    expect(await seen({ ...credential, client_id: "ci_wrong" })).toEqual(wrongSecret);
    expect(await seen({ ...credential, client_secret: other.client_secret })).toEqual(wrongSecret);
    expect(await seen({ ...credential, client_secret: "" })).toEqual(wrongSecret);
    expect(await seen({ ...credential, client_secret: `${credential.client_secret}0` })).toEqual(wrongSecret);
  });

  it("a wrong secret, tried first, does not shut out the right one", async () => {
    const { credential } = await mintTenant();
    await expectClosed(await basicClient({ ...credential, client_secret: "cs_wrong" }).get(UNITS));
    expect((await basicClient(credential).get(UNITS)).status).toBe(200);
  });

  it("keys of the other dialects are no credentials of this one", async () => {
    const { organization_id } = await mintTenant();
    for (const kind of ["workspace_key", "partner_key"]) {
      const { api_key } = await mintCredential(organization_id, { kind, unit_id: "unit_default" });
      await expectClosed(await bearerClient(api_key).get(UNITS));
      await expectClosed(await basicClient({ client_id: api_key, client_secret: api_key }).get(UNITS));
    }
  });

  it.each(["service_account", "personal_token"])("a revoked %s opens nothing, at once", async (kind) => {
    const { organization_id } = await mintTenant();
    const credential = await mintCredential(organization_id, { kind, unit_id: "unit_default" });
    const client = kind === "service_account" ? basicClient(credential) : bearerClient(credential.token);
    expect((await client.get(UNITS)).status).toBe(200);
    expect(await adminDelete(`/admin/organizations/${organization_id}/credentials/${credential.credential_id}`)).toBe(204);
    await expectClosed(await client.get(UNITS));
  });

  it("access tokens of a revoked service account open nothing, and it gets no more of them", async () => {
    const { organization_id, credential } = await mintTenant();
    const bearer = bearerClient(await accessToken(credential));
    expect((await bearer.get(UNITS)).status).toBe(200);
    await adminDelete(`/admin/organizations/${organization_id}/credentials/${credential.credential_id}`);
    await expectClosed(await bearer.get(UNITS));
    expect(await accessToken(credential)).toBeUndefined();
  });

  it.each(["service_account", "personal_token"])("an expired %s opens nothing, nor do its access tokens", async (kind) => {
    const { organization_id } = await mintTenant();
    const expires_at = new Date(Date.now() + 10 * MINUTE).toISOString();
    const credential = await mintCredential(organization_id, { kind, unit_id: "unit_default", expires_at });
    const clients =
      kind === "service_account"
        ? [basicClient(credential), bearerClient(await accessToken(credential))]
        : [bearerClient(credential.token)];
    for (const client of clients) expect((await client.get(UNITS)).status).toBe(200);
    passTime(9 * MINUTE);
    for (const client of clients) expect((await client.get(UNITS)).status).toBe(200);
    // what the isolate remembers of it has still to live
    passTime(MINUTE);
    for (const client of clients) await expectClosed(await client.get(UNITS));
  });
});

describe("roles", () => {
  // choosing a unit writes nothing but a session, and trying a rule or a trigger nothing at all
  const VIEWER_MAY =
    /^\/in\/|^\/claim|\/lead\/by-alias\/batch$|\/segments\/preview$|\/leads\/merge\/preview$|\/org-units\/active|\/(engagement|profile)-scoring\/test|\/simulate|\/surge-triggers\/\{id\}\/preview$/;
  const json = (example: unknown) => (example === undefined ? {} : { json: example });

  it("a viewer writes nothing, by any route", async () => {
    const { organization_id } = await mintTenant();
    const viewer = await mintClient(organization_id, { unit_id: "unit_default", role: "viewer" });
    const writes = (await apiOperations()).filter(
      (operation) => operation.method !== "GET" && !/^\/(admin|oauth)\//.test(operation.path) && !isPartner(operation),
    );
    expect(writes.length).toBeGreaterThan(10);
    const { client: key } = await mintWorkspace({ unit_id: "unit_default", role: "viewer" });
    for (const { method, path, requestBody } of writes) {
      if (VIEWER_MAY.test(path)) continue;
      const target = path.replace(/\{\w+\}/g, "anything");
      const isWorkspace = path.startsWith("/api/v1/");
      const answer = await (isWorkspace ? key : viewer).call(method, target, json(requestBody?.content["application/json"]?.example));
      if (isWorkspace) {
        await readError(answer, 403, "FORBIDDEN");
        continue;
      }
      expect((await readProblem(answer, 403)).code, `${method} ${path}`).toBe("forbidden");
    }
  });

  it("a viewer reads", async () => {
    const { organization_id } = await mintTenant();
    const viewer = await mintClient(organization_id, { unit_id: "unit_default", role: "viewer" });
    const paths = ["/org-units", "/org-units/sessions", "/profile-fields", "/leads/import/jobs", "/settings/tokens"];
    for (const path of paths) expect((await viewer.get(path)).status, path).toBe(200);
    await readProblem(await viewer.get("/lead/by-alias?value=nobody@example.com"), 404);
    expect((await viewer.post("/org-units/active", { ouId: "unit_default" })).status).toBe(200);
  });

  it("an editor writes leads, not org units nor service accounts", async () => {
    const { organization_id } = await mintTenant();
    const editor = await mintClient(organization_id, { unit_id: "unit_default", role: "editor" });
    expect((await editor.post("/accounts", { name: "Acme" })).status).toBe(201);
    expect((await editor.post("/profile-fields", { name: "colour" })).status).toBe(201);
    for (const answer of [
      await editor.post("/org-units", { name: "Mine" }),
      await editor.call("PUT", "/org-units/unit_default", { json: { name: "Mine" } }),
      await editor.post("/secrets", { name: "Mine" }),
      await editor.call("DELETE", "/secrets/sec_x"),
    ]) {
      await readProblem(answer, 403);
    }
  });

  it("a token dies with the credential that created it, and so do the tokens it created", async () => {
    const tenant = await mintTenant();
    const maker = await mintCredential(tenant.organization_id, { kind: "service_account", unit_id: "unit_default" });
    const first = bearerClient((await newToken(basicClient(maker))).token);
    const second = bearerClient((await newToken(first)).token);
    expect((await second.get("/profile-fields")).status).toBe(200);
    expect(await adminDelete(`/admin/organizations/${tenant.organization_id}/credentials/${maker.credential_id}`)).toBe(204);
    for (const client of [basicClient(maker), first, second]) await readProblem(await client.get("/profile-fields"), 401);
    expect((await tenant.client.get("/profile-fields")).status).toBe(200);
  });

  it("a token lives no longer than the credential that created it", async () => {
    const { organization_id } = await mintTenant();
    const ends = new Date(Date.now() + 3_600_000).toISOString();
    const maker = await mintCredential(organization_id, { kind: "service_account", unit_id: "unit_default", expires_at: ends });
    expect(await newToken(basicClient(maker))).toMatchObject({ expires_at: ends });
    const later = new Date(Date.now() + 7_200_000).toISOString();
    expect(await newToken(basicClient(maker), { name: "late", expires_at: later })).toMatchObject({ expires_at: ends });
  });

  it("a region is a country whose phone rules are known", async () => {
    const post = (default_region: string) =>
      request("/admin/organizations", {
        method: "POST",
        headers: { Authorization: "Bearer test-admin-token", "Content-Type": "application/json" },
        body: JSON.stringify({ name: "Test", default_region }),
      });
    expect((await readProblem(await post("UK"), 400)).errors?.[0]).toMatchObject({
      path: "default_region",
      message: expect.stringContaining("UK"),
    });
    expect((await post("gb")).status).toBe(201);
  });

  it("a token of a higher role is not an editor's to revoke", async () => {
    const { client, organization_id } = await mintTenant();
    const editor = await mintClient(organization_id, { unit_id: "unit_default", role: "editor" });
    const { id } = await newToken(client);
    await readProblem(await editor.call("DELETE", `/settings/tokens/${id}`), 404);
    expect((await client.call("DELETE", `/settings/tokens/${id}`)).status).toBe(204);
  });

  it("a personal token has the role and the home of the credential that created it, never more", async () => {
    const tenant = await mintTenant();
    const other = await mintUnit(tenant, "Other");
    const editor = await mintClient(tenant.organization_id, { unit_id: "unit_default", role: "editor" });
    const pat = bearerClient((await newToken(editor)).token);
    expect((await pat.post("/accounts", { name: "Acme" })).status).toBe(201);
    await readProblem(await pat.post("/secrets", { name: "Mine" }), 403);
    await readProblem(await pat.get("/profile-fields", { headers: { "X-Org-Unit": other } }), 404);
  });
});

describe("service accounts of an org unit", () => {
  it("one is created with a secret shown once, works, is listed without it, and is revoked", async () => {
    const { client } = await mintTenant();
    const answer = await client.post("/secrets", { name: " Zapier " });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    const { client_secret, ...secret } = await answer.json<Record<string, string>>();
    expect(secret).toEqual({
      secret_id: expect.stringMatching(/^sec_/),
      unit_id: "unit_default",
      client_id: expect.any(String),
      name: "Zapier",
      trust_upstream_consent: false,
      created_at: expect.stringMatching(/Z$/),
    });
    const account = basicClient({ client_id: secret.client_id ?? "", client_secret: client_secret ?? "" });
    expect((await account.get("/profile-fields")).headers.get("X-Org-Unit")).toBe("unit_default");

    const listed = await client.get("/secrets");
    const text = await listed.text();
    expect(JSON.parse(text)).toContainEqual(secret);
    expect(text).not.toContain(client_secret);
    expect(text).not.toContain(await sha256Hex(client_secret ?? ""));

    expect((await client.call("DELETE", `/secrets/${secret.secret_id}`)).status).toBe(204);
    await expectClosed(await account.get("/profile-fields"));
    expect(await (await client.get("/secrets")).text()).not.toContain(secret.secret_id);
    await readProblem(await client.call("DELETE", `/secrets/${secret.secret_id}`), 404);
  });

  it("a name has 1 to 50 characters", async () => {
    const { client } = await mintTenant();
    expect((await client.post("/secrets", { name: "n".repeat(50) })).status).toBe(200);
    for (const json of [{ name: "n".repeat(51) }, { name: "" }, { name: "  " }, {}, { name: 5 }]) {
      expect((await readProblem(await client.post("/secrets", json), 400)).errors?.[0]?.path).toBe("name");
    }
  });

  it("without an active org unit there is no list and none is created", async () => {
    const { organization_id } = await mintTenant();
    const roaming = await mintClient(organization_id);
    for (const answer of [await roaming.get("/secrets"), await roaming.post("/secrets", { name: "Zapier" })]) {
      expect((await readProblem(answer, 400)).detail).toMatch(/^active OU not set: /);
    }
  });

  it("a token's id revokes no service account, nor the other way round", async () => {
    const { client, credential } = await mintTenant();
    const { id, token } = await newToken(client);
    await readProblem(await client.call("DELETE", `/secrets/${id}`), 404);
    await readProblem(await client.call("DELETE", `/settings/tokens/${credential.credential_id}`), 404);
    expect((await bearerClient(token).get(UNITS)).status).toBe(200);
    expect((await client.get(UNITS)).status).toBe(200);
  });
});

describe("personal tokens", () => {
  it("one is created with its secret shown once, works, is listed without it, and is revoked", async () => {
    const { client } = await mintTenant();
    const created = await newToken(client, { name: "laptop" });
    expect(created).toEqual({
      id: expect.stringMatching(/^pat_/),
      name: "laptop",
      created_at: expect.stringMatching(/Z$/),
      expires_at: null,
      token: expect.stringMatching(/^kbn_pat_.{32,}$/),
    });
    const { token, ...listed } = created;
    const pat = bearerClient(token);
    expect((await pat.get("/profile-fields")).headers.get("X-Org-Unit")).toBe("unit_default");
    const text = await (await client.get("/settings/tokens")).text();
    expect(JSON.parse(text)).toEqual([listed]);
    expect(text).not.toContain(token);
    expect((await client.call("DELETE", `/settings/tokens/${created.id}`)).status).toBe(204);
    await expectClosed(await pat.get("/profile-fields"));
    await readProblem(await client.call("DELETE", `/settings/tokens/${created.id}`), 404);
    expect(await (await client.get("/settings/tokens")).json()).toEqual([]);
  });

  it("its expiry is any time zone's future, and ends it", async () => {
    const { client } = await mintTenant();
    const inTenMinutes = new Date(Date.now() + 10 * MINUTE);
    const plusTwo = new Date(inTenMinutes.getTime() + 120 * MINUTE).toISOString().replace("Z", "+02:00");
    const { token, expires_at } = await newToken(client, { name: "laptop", expires_at: plusTwo });
    expect(expires_at).toBe(inTenMinutes.toISOString());
    expect((await bearerClient(token).get(UNITS)).status).toBe(200);
    passTime(10 * MINUTE);
    await expectClosed(await bearerClient(token).get(UNITS));
  });

  it.each([
    { name: "" },
    { name: "n".repeat(101) },
    {},
    { name: "x", expires_at: "tomorrow" },
    { name: "x", expires_at: "2020-01-01T00:00:00Z" },
    { name: "x", expires_at: 5 },
    { name: "x", expires_at: "2027-13-45T00:00:00Z" },
  ])("%j is no token", async (json) => {
    const { client } = await mintTenant();
    await readProblem(await client.post("/settings/tokens", json), 400);
  });
});

describe("storage", () => {
  it("no secret is stored: only its digest", async () => {
    const { client, organization_id, credential } = await mintTenant();
    const { client_secret } = await (await client.post("/secrets", { name: "s" })).json<Credential>();
    const { token } = await newToken(client);
    const { api_key } = await mintCredential(organization_id, { kind: "workspace_key" });
    const { api_key: partner } = await mintCredential(organization_id, { kind: "partner_key" });
    await Promise.all([bearerClient(token).get(UNITS), bearerClient(await accessToken(credential)).get(UNITS)]);

    const { results: tables } = await env.DB.prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
    ).all<{ name: string }>();
    const stored = JSON.stringify(
      await Promise.all(tables.map(async ({ name }) => (await env.DB.prepare(`SELECT * FROM "${name}"`).all()).results)),
    );
    for (const secret of [credential.client_secret, client_secret, token, api_key, partner]) {
      expect(secret.length).toBeGreaterThanOrEqual(64);
      expect(stored).toContain(await sha256Hex(secret));
      expect(stored).not.toContain(secret);
      expect(stored).not.toContain(secret.replace(/^[a-z_-]+_/, ""));
    }
  });

  it("two credentials never share a secret", async () => {
    const { organization_id } = await mintTenant();
    const minted = await Promise.all(Array.from({ length: 8 }, () => mintCredential(organization_id, { kind: "service_account" })));
    expect(new Set(minted.flatMap(({ client_id, client_secret }) => [client_id, client_secret])).size).toBe(16);
  });
});

describe("provisioning", () => {
  const admin = clientWith({ Authorization: "Bearer test-admin-token" });

  it("an organization is born with its default org unit", async () => {
    const answer = await admin.post("/admin/organizations", { name: "Acme" });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({
      organization_id: expect.stringMatching(/^org_/),
      company_id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      name: "Acme",
      org_units: [{ unit_id: "unit_default", workspace_id: expect.stringMatching(/^ws_/), name: expect.any(String), is_default: true }],
    });
  });

  it("each kind of credential shows its secret under its own name", async () => {
    const { organization_id } = await mintTenant();
    const mint = (kind: string) =>
      adminPost<Record<string, unknown>>(`/admin/organizations/${organization_id}/credentials`, {
        kind,
        name: "k",
        unit_id: "unit_default",
        role: "editor",
      });
    const common = { credential_id: expect.any(String), name: "k", role: "editor", unit_id: "unit_default" };
    expect(await mint("service_account")).toEqual({
      ...common,
      kind: "service_account",
      client_id: expect.any(String),
      client_secret: expect.any(String),
    });
    expect(await mint("personal_token")).toEqual({ ...common, kind: "personal_token", token: expect.stringMatching(/^kbn_pat_/) });
    expect(await mint("workspace_key")).toEqual({
      ...common,
      kind: "workspace_key",
      api_key: expect.stringMatching(/^sk-workspace_[0-9a-zA-Z]{51}$/),
    });
    expect(await mint("partner_key")).toEqual({ ...common, kind: "partner_key", api_key: expect.any(String) });
  });

  it.each([
    ["none", undefined],
    ["a wrong one", "Bearer wrong"],
    ["Basic", `Basic ${btoa("test-admin-token:")}`],
    ["half of it", "Bearer test-admin"],
    ["empty", "Bearer "],
  ])("a wrong admin token opens nothing: %s", async (_, header) => {
    const { organization_id } = await mintTenant();
    const headers = header === undefined ? {} : { Authorization: header };
    const outsider = clientWith(headers);
    for (const answer of [
      await outsider.post("/admin/organizations", { name: "Mine" }),
      await outsider.post(`/admin/organizations/${organization_id}/credentials`, { kind: "service_account", name: "mine" }),
      await outsider.call("DELETE", `/admin/organizations/${organization_id}/credentials/sec_x`),
    ]) {
      expect(answer.headers.get("WWW-Authenticate")).toContain("Bearer");
      await readProblem(answer, 401);
    }
  });

  it("a tenant's own admin is not the operator", async () => {
    const { client } = await mintTenant();
    await readProblem(await client.post("/admin/organizations", { name: "Mine" }), 401);
  });

  it.each([undefined, ""])("without an ADMIN_TOKEN (%j) the whole prefix does not exist", async (ADMIN_TOKEN) => {
    const { organization_id } = await mintTenant();
    const bindings = { ADMIN_TOKEN } as Partial<Env>;
    for (const caller of [
      admin,
      clientWith({}),
      clientWith({ Authorization: "Bearer " }),
      clientWith({ Authorization: "Bearer undefined" }),
    ]) {
      for (const answer of [
        await caller.post("/admin/organizations", { name: "Mine" }, { bindings }),
        await caller.post(`/admin/organizations/${organization_id}/credentials`, {}, { bindings }),
        await caller.call("DELETE", `/admin/organizations/${organization_id}/credentials/x`, { bindings }),
        await caller.get("/admin/organizations", { bindings }),
        await caller.get("/admin", { bindings }),
        await caller.get("/admin/anything", { bindings }),
      ]) {
        await readProblem(answer, 404);
      }
    }
  });

  it("what another organization has is not found", async () => {
    const { credential, client } = await mintTenant();
    const { organization_id } = await mintTenant();
    const path = `/admin/organizations/${organization_id}/credentials`;
    expect(await adminDelete(`${path}/${credential.credential_id}`)).toBe(404);
    expect(await adminDelete("/admin/organizations/org_unknown/credentials/sec_unknown")).toBe(404);
    expect((await client.get(UNITS)).status).toBe(200);
    const wanted = { kind: "service_account", name: "k" };
    await readProblem(await admin.post("/admin/organizations/org_unknown/credentials", wanted), 404);
    await readProblem(await admin.post(path, { ...wanted, unit_id: "unit_unknown" }), 404);
  });

  it.each([
    {},
    { kind: "root", name: "k" },
    { kind: "service_account" },
    { kind: "service_account", name: "k", role: "owner" },
    { kind: "service_account", name: "k", expires_at: "soon" },
    { kind: "workspace_key", name: "k", rate_limit_per_hour: 0 },
  ])("%j is no credential", async (json) => {
    const { organization_id } = await mintTenant();
    await readProblem(await admin.post(`/admin/organizations/${organization_id}/credentials`, json), 400);
  });

  it("an organization needs a name and a region that is a country", async () => {
    for (const json of [{}, { name: "" }, { name: "A", default_region: "Germany" }]) {
      await readProblem(await admin.post("/admin/organizations", json), 400);
    }
  });
});
