/** A new installation: nobody has set a secret, so it makes its own keys, and one person claims it. */
import { env } from "cloudflare:workers";
import { decodeProtectedHeader, type JSONWebKeySet } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { basicHeader, bearerClient, mintTenant } from "../support/tenant";
import { request } from "../support/worker";

/** An installation of its own, with no secret set. */
function freshInstallation(): Partial<Env> {
  const name = crypto.randomUUID();
  const INSTALLATION = { getByName: () => env.INSTALLATION.getByName(name) } as unknown as Env["INSTALLATION"];
  return { ADMIN_TOKEN: "", SIGNING_KEY: "", INSTALLATION };
}

const json = (body: unknown, token?: string): RequestInit => ({
  method: "POST",
  headers: { "Content-Type": "application/json", ...(token ? { Authorization: `Bearer ${token}` } : {}) },
  body: JSON.stringify(body),
});

/** Reads the log: what it returns gives the codes that were logged since its last call. */
function watchLog(): () => string[] {
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  return () => {
    const lines = log.mock.calls.map(([line]) => String(line));
    log.mockClear();
    return lines.flatMap((line) => /"code":"([0-9a-f]+)"/.exec(line)?.[1] ?? []);
  };
}

const claim = (bindings: Partial<Env>, code: string) => request("/claim", json({ code }), bindings);

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("the first administrator", () => {
  it("becomes it once, by a code that only the log shows, and then opens /admin", async () => {
    const loggedCodes = watchLog();
    const bindings = freshInstallation();
    expect((await request("/admin/organizations", json({ name: "Acme" }, "anything"), bindings)).status).toBe(404);
    const shown = await request("/claim", {}, bindings);
    const [code = ""] = loggedCodes();
    expect(code).toMatch(/^[0-9a-f]{20}$/);
    expect(await shown.text()).not.toContain(code);

    expect((await claim(bindings, "0".repeat(20))).status).toBe(401);
    const claimed = await claim(bindings, code);
    expect(claimed.status).toBe(201);
    expect(claimed.headers.get("Cache-Control")).toBe("no-store");
    const { admin_token } = await claimed.json<{ admin_token: string }>();

    expect((await request("/admin/organizations", json({ name: "Acme" }, admin_token), bindings)).status).toBe(201);
    expect((await request("/admin/organizations", json({ name: "Acme" }, `${admin_token}x`), bindings)).status).toBe(401);
    for (const late of [await request("/claim", {}, bindings), await claim(bindings, code)]) expect(late.status).toBe(409);
    expect(loggedCodes()).toEqual([]);
  });

  it("is one of two who send the code at the same moment", async () => {
    const loggedCodes = watchLog();
    const bindings = freshInstallation();
    await request("/claim", {}, bindings);
    const [code = ""] = loggedCodes();
    const statuses = await Promise.all([claim(bindings, code), claim(bindings, code)]).then((all) => all.map(({ status }) => status));
    expect(statuses.sort()).toEqual([201, 409]);
  });

  it("keeps the code although others send wrong ones, for an hour", async () => {
    const loggedCodes = watchLog();
    const bindings = freshInstallation();
    await request("/claim", {}, bindings);
    const [code = ""] = loggedCodes();
    for (let at = 0; at < 20; at++) expect((await claim(bindings, `${at}`)).status).toBe(401);
    const others = freshInstallation();
    await request("/claim", {}, others);
    const [old = ""] = loggedCodes();
    expect((await claim(bindings, code)).status).toBe(201);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_001 });
    expect((await claim(others, old)).status).toBe(401);
  });

  it("is looked up once for many requests, and not at all for an address that guesses", async () => {
    const loggedCodes = watchLog();
    const asked = { adminTokenHash: 0, claim: 0 };
    const real = freshInstallation().INSTALLATION as Env["INSTALLATION"];
    const stub = () => real.getByName("only");
    const counting = {
      keys: (now: number) => stub().keys(now),
      codeToLog: (now: number) => stub().codeToLog(now),
      adminTokenHash: () => {
        asked.adminTokenHash += 1;
        return stub().adminTokenHash();
      },
      claim: (code: string, now: number) => {
        asked.claim += 1;
        return stub().claim(code, now);
      },
    };
    const bindings = { ...freshInstallation(), INSTALLATION: { getByName: () => counting } as unknown as Env["INSTALLATION"] };
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
    await request("/claim", {}, bindings);
    const [code = ""] = loggedCodes();
    const headers = { "Content-Type": "application/json", "CF-Connecting-IP": "203.0.113.99" };
    const guess = () => request("/claim", { method: "POST", headers, body: JSON.stringify({ code: "0".repeat(20) }) }, bindings);
    let last = 0;
    for (let n = 0; n < 70; n++) last = (await guess()).status;
    expect([last, asked.claim]).toEqual([429, 59]);
    const { admin_token } = await (await claim(bindings, code)).json<{ admin_token: string }>();
    asked.adminTokenHash = 0;
    for (let n = 0; n < 5; n++)
      expect((await request("/admin/organizations", json({ name: "A" }, admin_token), bindings)).status).toBe(201);
    expect(asked.adminTokenHash).toBe(1);
  });

  it("does not fill the log with codes", async () => {
    const loggedCodes = watchLog();
    const bindings = freshInstallation();
    for (let at = 0; at < 5; at++) await request("/claim", {}, bindings);
    expect(loggedCodes()).toHaveLength(1);
  });

  it("is not offered where a setting names the token", async () => {
    expect((await request("/claim")).status).toBe(404);
    expect((await claim({}, "00000000000000000000")).status).toBe(404);
  });

  it.each([{}, { code: 7 }, { code: "x", extra: 1 }])("sends a code and nothing else (%j)", async (body) => {
    expect((await request("/claim", json(body), freshInstallation())).status).toBe(400);
  });
});

describe("an installation without a signing key", () => {
  it("creates one that every isolate signs and verifies by", async () => {
    const { credential } = await mintTenant();
    const bindings = freshInstallation();
    const form = new URLSearchParams({ grant_type: "client_credentials" });
    const answer = await request(
      "/oauth/token",
      { method: "POST", headers: { Authorization: basicHeader(credential) }, body: form },
      bindings,
    );
    const { access_token } = await answer.json<{ access_token: string }>();
    // each request has an environment of its own, as another isolate would
    expect((await bearerClient(access_token).get("/profile-fields", { bindings })).status).toBe(200);
    const { keys } = await (await request("/.well-known/jwks.json", {}, bindings)).json<JSONWebKeySet>();
    expect(keys.map(({ kid }) => kid)).toEqual([decodeProtectedHeader(access_token).kid]);
    expect(JSON.stringify(keys)).not.toContain('"d"');
    expect((await bearerClient(access_token).get("/profile-fields", { bindings: freshInstallation() })).status).toBe(401);
  });

  it("creates one key for two first requests", async () => {
    const bindings = freshInstallation();
    const sets = await Promise.all([1, 2].map(async () => (await request("/.well-known/jwks.json", {}, bindings)).text()));
    expect(sets[0]).toBe(sets[1]);
  });

  it("answers 503 while its keys cannot be read, but for /health", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const INSTALLATION = { getByName: () => ({ keys: () => Promise.reject(new Error("away")) }) } as unknown as Env["INSTALLATION"];
    const bindings = { SIGNING_KEY: "", INSTALLATION };
    const refused = await request("/profile-fields", {}, bindings);
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([503, "5"]);
    expect((await request("/health", {}, bindings)).status).toBe(200);
  });
});

describe("the root", () => {
  it("points a program and a browser to the documentation and the console", async () => {
    expect(await (await request("/")).json()).toEqual({ docs: "/docs", console: "/console", openapi: "/openapi.json" });
    const page = await request("/", { headers: { Accept: "text/html,application/xhtml+xml" } });
    expect(page.headers.get("Content-Type")).toContain("text/html");
    const text = await page.text();
    for (const path of ["/docs", "/console"]) expect(text).toContain(`href="${path}"`);
  });
});
