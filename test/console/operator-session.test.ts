/** Sessions of the operator: the token of /admin opens them, they open no org unit, and no session of an org unit opens what they do. */
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it, vi } from "vitest";
import { calls } from "../../src/console/server/calls";
import { operatorCalls } from "../../src/console/server/operator/calls";
import { cookieOf, mintMember, mintOperator, OWN_PAGE, post } from "../support/console";
import { mintCredential, mintTenant } from "../support/tenant";
import { countingD1, readProblem, request } from "../support/worker";

const HOUR_MS = 3_600_000;
const TOKEN = "test-admin-token";

afterEach(() => {
  vi.useRealTimers();
});
const later = (ms: number): void => {
  vi.useFakeTimers({ now: Date.now() + ms, toFake: ["Date"] });
};
const from = (address: string) => ({ "CF-Connecting-IP": address });

describe("signing in", () => {
  it("takes the token of /admin, and sets a cookie that no script reads and no other site's page sends", async () => {
    const answer = await post("operator/sign-in", { token: TOKEN });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({});
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    expect(answer.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^leadedge-operator=[0-9a-f]{64}; Path=\/; HttpOnly; SameSite=Strict$/),
    ]);
    expect((await post("operator/session.current", {}, { Cookie: cookieOf(answer) })).status).toBe(200);
  });

  it("over https the cookie is Secure and bound to the host by its name", async () => {
    const { default: worker } = await import("../../src/index");
    const answer = await worker.fetch(
      new Request("https://leadedge.test/console/api/operator/sign-in", {
        method: "POST",
        headers: { "X-Leadedge-Console": "1", "Content-Type": "application/json" },
        body: JSON.stringify({ token: TOKEN }),
      }),
      env,
      { waitUntil() {}, passThroughOnException() {} } as unknown as ExecutionContext,
    );
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-leadedge-operator=.*; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  });

  it("refuses every other token and secret", async () => {
    const { organization_id, credential } = await mintTenant();
    const token = await mintCredential(organization_id, { kind: "personal_token" });
    for (const given of [{ token: "wrong" }, { token: `${TOKEN}x` }, { token: token.token }, { token: credential.client_secret }]) {
      const answer = await post("operator/sign-in", given);
      expect(answer.status).toBe(401);
      expect(answer.headers.get("WWW-Authenticate")).toBeNull();
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
    const empty = await readProblem(await post("operator/sign-in", {}), 400);
    expect(empty.errors).toEqual([{ path: "token", message: "is required" }]);
  });

  it("is no way to guess: an address that has failed too often is refused, even with the right token", async () => {
    const address = from("203.0.113.77");
    for (let n = 0; n < 59; n++) expect((await post("operator/sign-in", { token: `guess ${n}` }, address)).status).toBe(401);
    const refused = await post("operator/sign-in", { token: TOKEN }, address);
    await readProblem(refused, 429);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect((await post("operator/sign-in", { token: TOKEN }, from("203.0.113.78"))).status).toBe(200);
    later(61_000);
    expect((await post("operator/sign-in", { token: TOKEN }, address)).status).toBe(200);
  });

  it("takes only the console's own page", async () => {
    const send = (headers: Record<string, string>) =>
      request("/console/api/operator/sign-in", { method: "POST", headers, body: JSON.stringify({ token: TOKEN }) });
    const { "X-Leadedge-Console": _, ...withoutHeader } = OWN_PAGE;
    expect((await send(withoutHeader)).status).toBe(403);
    expect((await send({ ...OWN_PAGE, Origin: "https://evil.example" })).status).toBe(403);
    expect((await send({ ...OWN_PAGE, "Sec-Fetch-Site": "cross-site" })).status).toBe(403);
  });

  it("does not exist while nobody administers the installation", async () => {
    const unclaimed = { getByName: () => ({ adminTokenHash: async () => null }) } as unknown as Env["INSTALLATION"];
    const answer = await post("operator/sign-in", { token: TOKEN }, {}, { ADMIN_TOKEN: "", INSTALLATION: unclaimed });
    await readProblem(answer, 404);
  });
});

describe("what a session opens", () => {
  it("every call of the operator needs the operator's session: none, or a person's of an organization, is refused", async () => {
    const { cookie } = await mintMember();
    const secret = cookie.split(".")[1] ?? "";
    for (const name of Object.keys(operatorCalls)) {
      for (const sent of [{}, { Cookie: cookie }, { Cookie: `leadedge-operator=${secret}` }, { Authorization: `Bearer ${TOKEN}` }]) {
        const answer = await post(`operator/${name}`, {}, sent);
        expect(answer.status, name).toBe(401);
        expect(answer.headers.get("Cache-Control"), name).toBe("no-store");
      }
    }
    const { call } = await mintOperator();
    for (const name of ["organizations.nothing", "toString", "__proto__"]) expect((await call(name)).status).toBe(404);
  });

  it("the operator's session opens no call of an org unit, under either name", async () => {
    const { cookie } = await mintOperator();
    const secret = cookie.split("=")[1] ?? "";
    for (const name of Object.keys(calls)) {
      for (const sent of [cookie, `leadedge=${secret}`, `leadedge=1.${secret}`]) {
        const answer = await post(name, {}, { Cookie: sent, "X-Org-Unit": "unit_default" });
        expect(answer.status, `${name} ${sent.slice(0, 20)}`).toBe(401);
      }
    }
  });
});

describe("a session", () => {
  it("is known to its object by a hash alone, and a made-up cookie calls no object", async () => {
    const { cookie } = await mintOperator();
    const kept = JSON.stringify(await env.INSTALLATION.getByName("only").listConsoleSessions("operator", Date.now()));
    expect(kept).toContain("secret_hash");
    expect(kept).not.toContain(cookie.split("=")[1]);
    const { DB, count } = countingD1();
    const made = { Cookie: `leadedge-operator=${"0".repeat(64)}` };
    const answer = await post("operator/session.current", {}, made, { DB, INSTALLATION: undefined as never });
    expect([answer.status, count.trips]).toEqual([401, 0]);
  });

  it("ends after two hours without use, and after eight in any case", async () => {
    const idle = await mintOperator();
    later(2 * HOUR_MS + 60_000);
    expect((await idle.call("session.current")).status).toBe(401);
    vi.useRealTimers();
    const used = await mintOperator();
    for (let hours = 1; hours < 8; hours++) {
      later(HOUR_MS);
      expect((await used.call("session.current")).status).toBe(200);
    }
    later(HOUR_MS + 60_000);
    expect((await used.call("session.current")).status).toBe(401);
  });

  it("ends when the token changes: for good, and at once", async () => {
    const { cookie, call } = await mintOperator({ ADMIN_TOKEN: "first-token" });
    expect((await call("session.current")).status).toBe(200);
    const changed = { ADMIN_TOKEN: "second-token" };
    const now = await mintOperator(changed);
    expect(await (await now.call("session.list")).json()).toMatchObject([{ current: true }]);
    expect((await post("operator/session.current", {}, { Cookie: cookie }, changed)).status).toBe(401);
    expect((await call("session.current")).status).toBe(401);
    expect((await now.call("session.current")).status).toBe(200);
  });

  it("is listed with the operator's others, and ends alone or with all of them", async () => {
    const ADMIN_TOKEN = "token-of-the-listed";
    const first = await mintOperator({ ADMIN_TOKEN });
    const second = await mintOperator({ ADMIN_TOKEN });
    type Listed = { session_id: string; current: boolean }[];
    const listed = await (await first.call("session.list")).json<Listed>();
    expect(listed.map(({ current }) => current)).toEqual([false, true]);
    expect((await first.call("session.end", { session_id: listed[0]?.session_id })).status).toBe(200);
    expect((await first.call("session.end", { session_id: listed[0]?.session_id })).status).toBe(404);
    expect((await second.call("session.current")).status).toBe(401);
    const own = await first.call("session.end", { session_id: listed[1]?.session_id });
    expect(own.headers.getSetCookie()[0]).toContain("Max-Age=0");
    const [third, fourth] = [await mintOperator({ ADMIN_TOKEN }), await mintOperator({ ADMIN_TOKEN })];
    const everywhere = await third.call("session.endAll");
    expect(everywhere.headers.getSetCookie()[0]).toContain("Max-Age=0");
    expect((await third.call("session.current")).status).toBe(401);
    expect((await fourth.call("session.current")).status).toBe(401);
  });
});
