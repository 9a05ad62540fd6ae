/** Sessions of the console: how they begin, what they may, when they end. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { cookieOf, mintMember, post, signIn } from "../support/console";
import { mintCredential, mintLead, mintTenant, mintUnit } from "../support/tenant";
import { countingD1, readProblem, request } from "../support/worker";

const HOUR_MS = 3_600_000;

afterEach(() => {
  vi.useRealTimers();
});

/** Beyond the 30 seconds for which an isolate trusts what it has read. */
const later = (ms: number): void => {
  vi.useFakeTimers({ now: Date.now() + ms, toFake: ["Date"] });
};

describe("signing in", () => {
  it("takes a service account or a token, and sets a cookie that no script reads and no other site's page sends", async () => {
    const { organization_id } = await mintTenant();
    const account = await mintCredential(organization_id, { kind: "service_account" });
    const token = await mintCredential(organization_id, { kind: "personal_token" });
    for (const given of [{ client_id: account.client_id, client_secret: account.client_secret }, { token: token.token }]) {
      const answer = await post("sign-in", given);
      expect(answer.status).toBe(200);
      expect(answer.headers.get("Cache-Control")).toBe("no-store");
      expect(answer.headers.getSetCookie()).toEqual([
        expect.stringMatching(/^leadedge=\d+\.[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/),
      ]);
      const current = await post("session.current", {}, { Cookie: cookieOf(answer) });
      expect(await current.json()).toMatchObject({ organization_id, role: "admin", unit: { unit_id: "unit_default" } });
    }
  });

  it("over https the cookie is Secure and bound to the host by its name", async () => {
    const { organization_id } = await mintTenant();
    const { client_id, client_secret } = await mintCredential(organization_id, { kind: "service_account" });
    const { default: worker } = await import("../../src/index");
    const answer = await worker.fetch(
      new Request("https://leadedge.test/console/api/sign-in", {
        method: "POST",
        headers: { "X-Leadedge-Console": "1", "Content-Type": "application/json" },
        body: JSON.stringify({ client_id, client_secret }),
      }),
      env,
      { waitUntil() {}, passThroughOnException() {} } as unknown as ExecutionContext,
    );
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-leadedge=.*; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  });

  it("refuses wrong credentials without a challenge that would open the browser's own dialog, and keys of other APIs", async () => {
    const { organization_id, credential } = await mintTenant();
    const key = await mintCredential(organization_id, { kind: "workspace_key", unit_id: "unit_default" });
    for (const given of [{ client_id: credential.client_id, client_secret: "wrong" }, { token: "wrong" }, { token: key.api_key }]) {
      const answer = await post("sign-in", given);
      expect(answer.status).toBe(401);
      expect(answer.headers.get("WWW-Authenticate")).toBeNull();
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    const problem = await readProblem(await post("sign-in", { client_id: "x" }), 400);
    expect(problem.errors).toEqual([{ path: "client_secret", message: "is required" }]);
  });

  it("the local link works once, and only where npm start has set it", async () => {
    const { credential } = await mintTenant();
    const bindings = { LOCAL_SIGN_IN: `code-of-${credential.credential_id} ${credential.credential_id}` };
    const code = `code-of-${credential.credential_id}`;
    expect((await post("open", { code })).status).toBe(401);
    expect((await post("open", { code: "wrong" }, {}, bindings)).status).toBe(401);
    const opened = await post("open", { code }, {}, bindings);
    expect(opened.status).toBe(200);
    expect((await post("session.current", {}, { Cookie: cookieOf(opened) })).status).toBe(200);
    expect((await post("open", { code }, {}, bindings)).status).toBe(401);
  });
});

describe("a session", () => {
  it("is known to its object by a hash alone, and a made-up cookie costs no look-up", async () => {
    const { cookie, call } = await mintMember();
    const unit = Number(/=(\d+)\./.exec(cookie)?.[1]);
    const object = env.ORG_UNITS.getByName(String(unit));
    const { actor_id } = await (await call("session.current")).json<{ actor_id: string }>();
    const kept = JSON.stringify(await object.listConsoleSessions(actor_id, Date.now()));
    expect(kept).toContain("secret_hash");
    expect(kept).not.toContain(cookie.split(".")[1]);
    const made = `leadedge=${unit}.${"0".repeat(64)}`;
    const { DB, count } = countingD1();
    const answer = await post("session.current", {}, { Cookie: made }, { DB, ORG_UNITS: undefined as never });
    expect([answer.status, count.trips]).toEqual([401, 0]);
  });

  it("ends after two hours without use, and after twelve in any case", async () => {
    const idle = await mintMember();
    later(2 * HOUR_MS + 60_000);
    expect((await idle.call("session.current")).status).toBe(401);
    vi.useRealTimers();
    const used = await mintMember();
    for (let hours = 1; hours < 12; hours++) {
      later(HOUR_MS);
      expect((await used.call("session.current")).status).toBe(200);
    }
    later(HOUR_MS + 60_000);
    expect((await used.call("session.current")).status).toBe(401);
  });

  it("ends with its credential, and with the token that it began with", async () => {
    const { organization_id, credential, call } = await mintMember();
    const issued = await request("/oauth/token", {
      method: "POST",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        client_id: credential.client_id,
        client_secret: credential.client_secret,
      }),
    });
    const { access_token } = await issued.json<{ access_token: string }>();
    const byToken = cookieOf(await post("sign-in", { token: access_token }));
    expect((await post("session.current", {}, { Cookie: byToken })).status).toBe(200);
    later(HOUR_MS + 60_000);
    expect((await post("session.current", {}, { Cookie: byToken })).status).toBe(401);
    expect((await call("session.current")).status).toBe(200);
    const revoked = await request(`/admin/organizations/${organization_id}/credentials/${credential.credential_id}`, {
      method: "DELETE",
      headers: { Authorization: "Bearer test-admin-token" },
    });
    expect(revoked.status).toBe(204);
    expect((await call("session.current")).status).toBe(401);
  });

  it("is listed with the caller's others, ends one by one or all at once, and never somebody else's", async () => {
    const mine = await mintMember();
    const other = await signIn(mine.credential);
    const colleague = await mintMember({ organization_id: mine.organization_id });
    type Listed = { session_id: string; current: boolean }[];
    const listed = await (await mine.call("session.list")).json<Listed>();
    expect(listed.map(({ current }) => current)).toEqual([false, true]);
    const [theirs] = await (await colleague.call("session.list")).json<Listed>();
    expect((await mine.call("session.end", { session_id: theirs?.session_id })).status).toBe(404);
    expect((await mine.call("session.end", { session_id: listed[0]?.session_id })).status).toBe(200);
    expect((await post("session.current", {}, { Cookie: other })).status).toBe(401);
    const everywhere = await mine.call("session.endAll");
    expect(everywhere.headers.getSetCookie()[0]).toContain("Max-Age=0");
    expect((await mine.call("session.current")).status).toBe(401);
    expect((await colleague.call("session.current")).status).toBe(200);
  });

  it("signing out ends it at once and clears the cookie", async () => {
    const { call } = await mintMember();
    const answer = await call("session.signOut");
    expect(answer.headers.getSetCookie()[0]).toContain("Max-Age=0");
    expect((await call("session.current")).status).toBe(401);
  });
});

describe("the org unit of a call", () => {
  it("is the one that the page shows; another organization's, or one that the caller may not use, does not exist", async () => {
    const tenant = await mintTenant();
    const emea = await mintUnit(tenant, "EMEA");
    await mintLead(tenant.client, { email: "alex@example.com" });
    const roaming = await mintMember({ organization_id: tenant.organization_id });
    const emails = async (unit: string) => {
      const page = await (await roaming.call("leads.list", {}, { "X-Org-Unit": unit })).json<{ leads: { email: string }[] }>();
      return page.leads.map(({ email }) => email);
    };
    expect(await emails("unit_default")).toEqual(["alex@example.com"]);
    expect(await emails(emea)).toEqual([]);
    const atHome = await mintMember({ organization_id: tenant.organization_id, unit_id: emea });
    expect(await (await atHome.call("session.current")).json()).toMatchObject({ unit: { unit_id: emea }, units: [{ unit_id: emea }] });
    expect((await atHome.call("leads.list", {}, { "X-Org-Unit": "unit_default" })).status).toBe(404);
    const rival = await mintMember();
    expect((await rival.call("leads.list", {}, { "X-Org-Unit": emea })).status).toBe(404);
    expect(await (await rival.call("leads.list", {}, { "X-Org-Unit": "unit_default" })).json()).toMatchObject({ leads: [] });
  });
});
