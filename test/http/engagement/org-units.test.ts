/** Org units, which of them is active for a request, and the sessions that remember it in the unit's live object. */
import { createExecutionContext, evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { decodeJwt, importJWK, type JWK, SignJWT } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import worker from "../../../src/index";
import {
  basicHeader,
  bearerClient,
  type Client,
  type Credential,
  clientWith,
  mintClient,
  mintCredential,
  mintLead,
  mintTenant,
  mintUnit,
  type Tenant,
} from "../../support/tenant";
import { readProblem, request } from "../../support/worker";

const ANY_UNIT_ROUTE = "/profile-fields";
const SESSION_TTL_MS = 12 * 3_600_000;
/** how long an isolate may remember that a session lives */
const CACHE_TTL_MS = 30_000;

type Unit = { unit_id: string; org_id: string; name: string; slug: string; is_default: boolean; workspace_id: string };

afterEach(() => {
  vi.useRealTimers();
});

function passTime(ms: number): void {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(now + ms);
}

const listUnits = async (client: Client): Promise<Unit[]> => (await client.get("/org-units")).json<Unit[]>();

const activeUnit = async (client: Client, headers: Record<string, string> = {}): Promise<string | null> => {
  const answer = await client.get(ANY_UNIT_ROUTE, { headers });
  expect(answer.status).toBe(200);
  return answer.headers.get("X-Org-Unit");
};

/** Chooses a unit as a browser does; returns what it would send from then on. */
async function choose(client: Client, ouId: string): Promise<{ Cookie: string; session_id: string; setCookie: string }> {
  const answer = await client.post("/org-units/active", { ouId });
  expect(answer.status).toBe(200);
  const setCookie = answer.headers.get("Set-Cookie") ?? "";
  return { Cookie: setCookie.split(";")[0] ?? "", setCookie, session_id: (await answer.json<{ session_id: string }>()).session_id };
}

const sessionsOf = async (client: Client, unit: string): Promise<{ session_id: string; unit_id: string }[]> => {
  const answer = await client.get("/org-units/sessions", { headers: { "X-Org-Unit": unit } });
  expect(answer.status).toBe(200);
  return (await answer.json<{ sessions: { session_id: string; unit_id: string }[] }>()).sessions;
};

/** A tenant with a second unit and a service account that has no home. */
async function mintRoaming(): Promise<{ tenant: Tenant; roaming: Client; credential: Credential; emea: string }> {
  const tenant = await mintTenant();
  const credential = await mintCredential(tenant.organization_id, { kind: "service_account" });
  const roaming = clientWith({ Authorization: basicHeader(credential) });
  return { tenant, roaming, credential, emea: await mintUnit(tenant, "EMEA") };
}

const liveObject = async ({ workspace_id }: Pick<Unit, "workspace_id">) => {
  const row = await env.DB.prepare("SELECT unit FROM org_units WHERE workspace_id = ?1").bind(workspace_id).first<{ unit: number }>();
  return env.ORG_UNITS.getByName(String(row?.unit));
};

describe("units of an organization", () => {
  it("every organization has its default unit", async () => {
    const { client, organization_id, workspace_id } = await mintTenant();
    expect(await listUnits(client)).toEqual([
      {
        unit_id: "unit_default",
        org_id: organization_id,
        name: expect.any(String),
        slug: "default",
        external_ref: null,
        is_default: true,
        workspace_id,
        default_region: null,
        link_accounts_by_domain: false,
      },
    ]);
  });

  it("a unit is created under the kebab-cased form of its name", async () => {
    const { organization_id } = await mintTenant();
    const client = await mintClient(organization_id);
    const answer = await client.post("/org-units", { name: " EMEA Sales ", external_ref: "erp-7", default_region: "de" });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toEqual({
      unit_id: "unit_emea-sales",
      org_id: organization_id,
      name: "EMEA Sales",
      slug: "emea-sales",
      external_ref: "erp-7",
      is_default: false,
      workspace_id: expect.stringMatching(/^ws_/),
      default_region: "DE",
      link_accounts_by_domain: false,
    });
  });

  it.each([
    ["Zürich & Genève", "zurich-geneve"],
    ["  --A__B!!  ", "a-b"],
    ["UPPER 24/7", "upper-24-7"],
  ])("%j becomes %s", async (name, slug) => {
    const client = await mintClient((await mintTenant()).organization_id);
    expect(await (await client.post("/org-units", { name })).json()).toMatchObject({ unit_id: `unit_${slug}`, slug });
  });

  it("a name without Latin letters, or a very long one, still gets a tidy slug", async () => {
    const client = await mintClient((await mintTenant()).organization_id);
    for (const name of ["東京", "!!!", `${"a".repeat(47)} ${"b".repeat(40)}`]) {
      const { slug, unit_id } = await (await client.post("/org-units", { name })).json<Unit>();
      expect(slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(unit_id).toBe(`unit_${slug}`);
    }
  });

  it("units of the same name are numbered, also when they come at once", async () => {
    const client = await mintClient((await mintTenant()).organization_id);
    for (const slug of ["emea", "emea-2", "emea-3"]) {
      expect(await (await client.post("/org-units", { name: "EMEA" })).json()).toMatchObject({ unit_id: `unit_${slug}`, slug });
    }
    const units = await Promise.all(
      Array.from({ length: 4 }, async () => (await client.post("/org-units", { name: "APAC" })).json<Unit>()),
    );
    expect(units.map(({ slug }) => slug).sort()).toEqual(["apac", "apac-2", "apac-3", "apac-4"]);
    // the default unit's id is taken like any other
    expect(await (await client.post("/org-units", { name: "Default" })).json()).toMatchObject({
      unit_id: "unit_default-2",
      is_default: false,
    });
  });

  it("a rename changes name and slug, never the id", async () => {
    const { organization_id } = await mintTenant();
    const admin = await mintClient(organization_id);
    const created = await (await admin.post("/org-units", { name: "EMEA", external_ref: "erp-7" })).json<Unit>();
    expect(await activeUnit(admin, { "X-Org-Unit": "unit_emea" })).toBe("unit_emea");
    const answer = await admin.call("PUT", "/org-units/unit_emea", { json: { name: "Europe West" } });
    const renamed = { ...created, name: "Europe West", slug: "europe-west" };
    expect([answer.status, await answer.json()]).toEqual([200, renamed]);
    expect(await listUnits(admin)).toContainEqual(renamed);
    const chosen = await admin.post("/org-units/active", { ouId: "unit_emea" });
    expect(await chosen.json()).toMatchObject({ ouId: "unit_emea", org_unit: renamed });
  });

  it.each([{}, { name: "" }, { name: "   " }, { name: "n".repeat(101) }, { name: 1 }, { name: "A", default_region: "Germany" }])(
    "%j is no unit",
    async (json) => {
      const client = await mintClient((await mintTenant()).organization_id);
      await readProblem(await client.post("/org-units", json), 400);
      await readProblem(await client.call("PUT", "/org-units/unit_default", { json }), 400);
    },
  );

  it("a credential with a home neither creates nor changes org units, and learns why", async () => {
    const { client, organization_id } = await mintTenant();
    const before = await listUnits(await mintClient(organization_id));
    for (const answer of [
      await client.post("/org-units", { name: "Mine" }),
      await client.call("PUT", "/org-units/unit_default", { json: { name: "Mine" } }),
    ]) {
      expect((await readProblem(answer, 403)).detail).toContain("home is unit_default");
    }
    expect(await listUnits(await mintClient(organization_id))).toEqual(before);
  });

  it("a caller sees the units it may use, and no other", async () => {
    const { tenant, roaming, emea } = await mintRoaming();
    const names = async (client: Client) => (await listUnits(client)).map(({ unit_id }) => unit_id);
    expect(await names(roaming)).toEqual(["unit_default", emea]);
    expect(await names(tenant.client)).toEqual(["unit_default"]);
    expect(await names(await mintClient(tenant.organization_id, { unit_id: emea }))).toEqual([emea]);
    await readProblem(await tenant.client.call("PUT", `/org-units/${emea}`, { json: { name: "Mine" } }), 404);
    await readProblem(await roaming.call("PUT", "/org-units/unit_unknown", { json: { name: "Mine" } }), 404);
  });
});

describe("the active org unit", () => {
  it("is the header's, before the cookie's, before the token's, before the home", async () => {
    const { tenant, roaming, credential, emea } = await mintRoaming();
    const [header, claim] = [await mintUnit(tenant, "Header"), await mintUnit(tenant, "Claim")];
    const answer = await request("/oauth/token", {
      method: "POST",
      headers: { Authorization: basicHeader(credential) },
      body: new URLSearchParams({ grant_type: "client_credentials", ou: claim }),
    });
    const bearer = bearerClient((await answer.json<{ access_token: string }>()).access_token);
    const { Cookie } = await choose(roaming, emea);

    expect(await activeUnit(bearer, { "X-Org-Unit": header, Cookie })).toBe(header);
    expect(await activeUnit(bearer, { Cookie })).toBe(emea);
    expect(await activeUnit(bearer)).toBe(claim);
    expect(await activeUnit(tenant.client)).toBe("unit_default");
  });

  it("decides whose leads are seen", async () => {
    const { tenant, roaming, emea } = await mintRoaming();
    await mintLead(tenant.client, { email: "alex@example.com" });
    const path = "/lead/by-alias?value=alex@example.com";
    expect((await roaming.get(path, { headers: { "X-Org-Unit": "unit_default" } })).status).toBe(200);
    await readProblem(await roaming.get(path, { headers: { "X-Org-Unit": emea } }), 404);
  });

  it("is needed: without one the answer is 400, in the contract's words", async () => {
    const { roaming } = await mintRoaming();
    for (const answer of [
      await roaming.get(ANY_UNIT_ROUTE),
      await roaming.get(ANY_UNIT_ROUTE, { headers: { "X-Org-Unit": "" } }),
      await roaming.get("/lead/by-alias?value=alex@example.com"),
      await roaming.patch("/lead/by-alias/metadata", { alias_value: "a@example.com", attributes: { a: 1 } }),
      await roaming.get("/leads/import/jobs"),
    ]) {
      const { detail, code } = await readProblem(answer, 400);
      expect({ detail, code }).toEqual({
        detail: expect.stringMatching(/^active OU not set: .*X-Org-Unit.*POST \/org-units\/active/),
        code: "no_active_org_unit",
      });
      expect(answer.headers.get("X-Org-Unit")).toBeNull();
    }
  });

  it("a header that names a unit which the caller may not use is a 404", async () => {
    const { tenant, roaming, emea } = await mintRoaming();
    const rival = await mintTenant();
    const theirs = await mintUnit(rival, "Only Theirs");
    for (const [client, unit] of [
      [tenant.client, emea],
      [roaming, theirs],
      [roaming, "unit_unknown"],
      [roaming, "default"],
      [roaming, "UNIT_DEFAULT"],
      [roaming, "unit_default,unit_emea"],
      [roaming, "x".repeat(5_000)],
    ] as const) {
      await readProblem(await client.get(ANY_UNIT_ROUTE, { headers: { "X-Org-Unit": unit } }), 404);
    }
  });

  it("a cookie that names a unit which the caller may not use is a 404", async () => {
    const { tenant, roaming, emea } = await mintRoaming();
    const { Cookie } = await choose(roaming, emea);
    await readProblem(await tenant.client.get(ANY_UNIT_ROUTE, { headers: { Cookie } }), 404);
    const rival = await mintTenant();
    await readProblem(await rival.client.get(ANY_UNIT_ROUTE, { headers: { Cookie } }), 404);
    const everywhere = await mintClient(rival.organization_id);
    await readProblem(await everywhere.get(ANY_UNIT_ROUTE, { headers: { Cookie } }), 404);
  });

  it("a unit that the caller may not use cannot be chosen", async () => {
    const { tenant, roaming, emea } = await mintRoaming();
    const theirs = await mintUnit(await mintTenant(), "Only Theirs");
    for (const [client, ouId] of [
      [tenant.client, emea],
      [roaming, theirs],
      [roaming, "unit_unknown"],
    ] as const) {
      const answer = await client.post("/org-units/active", { ouId });
      expect(answer.headers.get("Set-Cookie")).toBeNull();
      await readProblem(answer, 404);
    }
    for (const json of [{}, { ouId: "" }, { ouId: 1 }, { ou_id: emea }])
      await readProblem(await roaming.post("/org-units/active", json), 400);
  });
});

describe("sessions", () => {
  it("choosing a unit returns it and sets the cookie that the contract names", async () => {
    const { roaming, emea } = await mintRoaming();
    const answer = await roaming.post("/org-units/active", { ouId: emea });
    expect(await answer.json()).toEqual({
      ouId: emea,
      session_id: expect.stringMatching(/^sess_/),
      expires_at: expect.stringMatching(/Z$/),
      org_unit: expect.objectContaining({ unit_id: emea, name: "EMEA" }),
    });
    const [pair, ...attributes] = (answer.headers.get("Set-Cookie") ?? "").split("; ");
    expect(pair).toMatch(/^activeOu=[\w-]+\.[\w-]+\.[\w-]+$/);
    expect(attributes).toEqual(expect.arrayContaining(["HttpOnly", "SameSite=Lax", "Path=/"]));
    expect(attributes).not.toContain("Secure");
    expect(attributes.join()).not.toContain("Domain");
  });

  it("the cookie is Secure where the service is reached by https", async () => {
    const { credential } = await mintRoaming();
    const answer = await worker.fetch(
      new Request("https://leadedge.test/org-units/active", {
        method: "POST",
        headers: { Authorization: basicHeader(credential), "Content-Type": "application/json" },
        body: JSON.stringify({ ouId: "unit_default" }),
      }),
      env,
      createExecutionContext(),
    );
    expect(answer.headers.get("Set-Cookie")).toMatch(/; Secure/);
  });

  it("they are listed, newest first, and only those of the active unit", async () => {
    const { roaming, emea } = await mintRoaming();
    const first = await choose(roaming, emea);
    const second = await choose(roaming, emea);
    const elsewhere = await choose(roaming, "unit_default");
    expect((await sessionsOf(roaming, emea)).map(({ session_id }) => session_id)).toEqual([second.session_id, first.session_id]);
    expect((await sessionsOf(roaming, "unit_default")).map(({ session_id }) => session_id)).toEqual([elsewhere.session_id]);
    expect(await sessionsOf(roaming, emea)).toContainEqual({
      session_id: first.session_id,
      unit_id: emea,
      credential_id: expect.stringMatching(/^sec_/),
      created_at: expect.stringMatching(/Z$/),
      expires_at: expect.stringMatching(/Z$/),
    });
    // another organization's unit of the same id has none
    expect(await sessionsOf((await mintTenant()).client, "unit_default")).toEqual([]);
  });

  it("an ended session no longer counts: its cookie is cleared, and worth nothing when kept", async () => {
    const { roaming, emea } = await mintRoaming();
    const kept = await choose(roaming, emea);
    const other = await choose(roaming, emea);
    expect(await activeUnit(roaming, { Cookie: kept.Cookie })).toBe(emea);
    const ended = await roaming.call("DELETE", "/org-units/active", { headers: { Cookie: kept.Cookie } });
    expect(ended.status).toBe(204);
    expect(ended.headers.get("Set-Cookie")).toMatch(/^activeOu=;.*(Max-Age=0|Expires=Thu, 01 Jan 1970)/);
    await readProblem(await roaming.get(ANY_UNIT_ROUTE, { headers: { Cookie: kept.Cookie } }), 400);
    passTime(CACHE_TTL_MS + 1_000);
    await readProblem(await roaming.get(ANY_UNIT_ROUTE, { headers: { Cookie: kept.Cookie } }), 400);
    expect(await activeUnit(roaming, { Cookie: other.Cookie })).toBe(emea);
    expect((await sessionsOf(roaming, emea)).map(({ session_id }) => session_id)).toEqual([other.session_id]);
  });

  it("a session that ended elsewhere no longer counts after 30 seconds", async () => {
    const { roaming, emea } = await mintRoaming();
    const { Cookie, session_id } = await choose(roaming, emea);
    expect(await activeUnit(roaming, { Cookie })).toBe(emea);
    const unit = (await listUnits(roaming)).find(({ unit_id }) => unit_id === emea) as Unit;
    expect(await (await liveObject(unit)).endSession(session_id)).toBe(true);
    passTime(CACHE_TTL_MS + 1_000);
    await readProblem(await roaming.get(ANY_UNIT_ROUTE, { headers: { Cookie } }), 400);
  });

  it("an ended session falls back to the caller's home", async () => {
    const { tenant } = await mintRoaming();
    const { Cookie } = await choose(tenant.client, "unit_default");
    await tenant.client.call("DELETE", "/org-units/active", { headers: { Cookie } });
    expect(await activeUnit(tenant.client, { Cookie })).toBe("unit_default");
  });

  it("ending without a cookie, or with a broken one, is fine", async () => {
    const { roaming } = await mintRoaming();
    expect((await roaming.call("DELETE", "/org-units/active")).status).toBe(204);
    expect((await roaming.call("DELETE", "/org-units/active", { headers: { Cookie: "activeOu=broken" } })).status).toBe(204);
  });

  it("another organization cannot end a session, though it holds the cookie", async () => {
    const { roaming, emea } = await mintRoaming();
    const rival = await mintTenant();
    const { Cookie } = await choose(roaming, emea);
    await rival.client.call("DELETE", "/org-units/active", { headers: { Cookie } });
    passTime(CACHE_TTL_MS + 1_000);
    expect(await activeUnit(roaming, { Cookie })).toBe(emea);
  });

  it("a cookie that is another organization's is cleared all the same", async () => {
    const { roaming, emea } = await mintRoaming();
    const rival = await mintTenant();
    const { Cookie } = await choose(roaming, emea);
    const answer = await rival.client.call("DELETE", "/org-units/active", { headers: { Cookie } });
    expect([204, 404]).toContain(answer.status);
    expect(answer.headers.get("Set-Cookie")).toMatch(/^activeOu=;.*(Max-Age=0|Expires=Thu, 01 Jan 1970)/);
  });

  it("a credential keeps its newest 100 sessions, and takes none from another", async () => {
    const { tenant, roaming, emea } = await mintRoaming();
    const other = await choose(await mintClient(tenant.organization_id), emea);
    const opened: Awaited<ReturnType<typeof choose>>[] = [];
    for (let n = 0; n < 105; n++) opened.unshift(await choose(roaming, emea));
    const kept = opened.slice(0, 100).map(({ session_id }) => session_id);
    expect((await sessionsOf(roaming, emea)).map(({ session_id }) => session_id)).toEqual([...kept, other.session_id]);
    expect(await activeUnit(roaming, { Cookie: opened[99]?.Cookie ?? "" })).toBe(emea);
    await readProblem(await roaming.get(ANY_UNIT_ROUTE, { headers: { Cookie: opened[100]?.Cookie ?? "" } }), 400);
  });

  it("a cookie that was tampered with, or signed by nobody, is no cookie", async () => {
    const { tenant, roaming, emea } = await mintRoaming();
    const { Cookie } = await choose(roaming, emea);
    const [header, payload, signature] = Cookie.replace("activeOu=", "").split(".") as [string, string, string];
    const encode = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");
    const claims = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as Record<string, unknown>;
    for (const value of [
      `${header}.${encode({ ...claims, ou: "unit_default" })}.${signature}`,
      `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
      `${encode({ alg: "none" })}.${payload}.`,
      `${header}.${payload}`,
      "unit_default",
      "",
      "%00",
    ]) {
      const answer = await roaming.get(ANY_UNIT_ROUTE, { headers: { Cookie: `activeOu=${value}` } });
      expect((await readProblem(answer, 400)).detail, value).toMatch(/^active OU not set: /);
      expect(await activeUnit(tenant.client, { Cookie: `activeOu=${value}` })).toBe("unit_default");
    }
  });

  it("a cookie signed by our key counts only for what it was signed for, and while the unit's object knows its session", async () => {
    const { roaming, emea } = await mintRoaming();
    const { Cookie } = await choose(roaming, emea);
    const claims = decodeJwt(Cookie.replace("activeOu=", ""));
    const key = await importJWK(JSON.parse(env.SIGNING_KEY ?? "") as JWK, "EdDSA");
    const signed = async (changes: Record<string, unknown>) => ({
      Cookie: `activeOu=${await new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: "EdDSA" }).sign(key)}`,
    });
    expect(await activeUnit(roaming, await signed({}))).toBe(emea);
    for (const changes of [
      { aud: "leadedge" },
      { aud: undefined },
      { iss: "somebody" },
      { exp: undefined },
      { exp: 1 },
      { sid: "sess_unknown" },
      { sid: undefined },
      { org: undefined },
    ]) {
      const answer = await roaming.get(ANY_UNIT_ROUTE, { headers: await signed(changes) });
      expect((await readProblem(answer, 400)).detail, JSON.stringify(changes)).toMatch(/^active OU not set: /);
    }
  });

  it("a session ends by itself, and the object's alarm clears it away", async () => {
    const { roaming, emea } = await mintRoaming();
    const early = await choose(roaming, emea);
    passTime(SESSION_TTL_MS / 2);
    const late = await choose(roaming, emea);
    passTime(SESSION_TTL_MS / 2 - 1_000);
    expect(await activeUnit(roaming, { Cookie: early.Cookie })).toBe(emea);
    passTime(2_000);
    await readProblem(await roaming.get(ANY_UNIT_ROUTE, { headers: { Cookie: early.Cookie } }), 400);
    expect(await activeUnit(roaming, { Cookie: late.Cookie })).toBe(emea);
    expect((await sessionsOf(roaming, emea)).map(({ session_id }) => session_id)).toEqual([late.session_id]);

    const object = await liveObject((await listUnits(roaming)).find(({ unit_id }) => unit_id === emea) as Unit);
    const stored = () =>
      runInDurableObject(object, (_, state) => state.storage.sql.exec<{ session_id: string }>("SELECT session_id FROM sessions").toArray());
    expect(await stored()).toHaveLength(2);
    expect(await runDurableObjectAlarm(object)).toBe(true);
    expect((await stored()).map(({ session_id }) => session_id)).toEqual([late.session_id]);
    // the alarm stays set for the one that still lives, and goes when none is left
    passTime(SESSION_TTL_MS);
    expect(await runDurableObjectAlarm(object)).toBe(true);
    expect(await stored()).toEqual([]);
    expect(await runDurableObjectAlarm(object)).toBe(false);
  });

  it("sessions outlive the object's memory", async () => {
    const { roaming, emea } = await mintRoaming();
    const { Cookie, session_id } = await choose(roaming, emea);
    const object = await liveObject((await listUnits(roaming)).find(({ unit_id }) => unit_id === emea) as Unit);
    await evictDurableObject(object);
    expect((await sessionsOf(roaming, emea)).map((session) => session.session_id)).toEqual([session_id]);
    await evictDurableObject(object);
    expect(await activeUnit(roaming, { Cookie })).toBe(emea);
    await evictDurableObject(object);
    passTime(SESSION_TTL_MS + 1_000);
    expect(await runDurableObjectAlarm(object)).toBe(true);
    expect(await sessionsOf(roaming, emea)).toEqual([]);
  });

  it("the same unit id in two organizations is two objects", async () => {
    const [a, b] = [await mintTenant(), await mintTenant()];
    const { session_id } = await choose(a.client, "unit_default");
    expect(await (await liveObject(a)).hasSession(session_id, Date.now())).toBe(true);
    expect(await (await liveObject(b)).hasSession(session_id, Date.now())).toBe(false);
  });
});
