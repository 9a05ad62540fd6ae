/** Browsers and their extensions: listed origins may call with credentials, others get no word of permission. */
import { describe, expect, it } from "vitest";
import { basicHeader, mintLead, mintTenant } from "../support/tenant";
import { failingD1, request } from "../support/worker";

const LISTED = ["https://app.example.com", "chrome-extension://abcdefghijklmnop"];
const UNLISTED = [
  "https://evil.example.com",
  "http://app.example.com",
  "https://app.example.com:8443",
  "https://app.example.com.evil.com",
  "https://APP.example.com",
  "chrome-extension://abcdefghijklmno",
  "https://",
  "null",
  "*",
];
const LOOK_UP = "/lead/by-alias?value=alex@example.com";

const corsHeaders = (answer: Response) =>
  Object.fromEntries(
    [...answer.headers].filter(([name]) => name.startsWith("access-control-")).map(([name, value]) => [name.slice(15), value]),
  );
const list = (value: string | undefined): string[] => (value ?? "").toLowerCase().split(/, */);

const preflight = (
  path: string,
  origin: string,
  method: string,
  headers = "authorization,content-type,idempotency-key,if-match,x-org-unit",
): Promise<Response> =>
  request(path, {
    method: "OPTIONS",
    headers: { Origin: origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers },
  });

describe.each(LISTED)("the listed origin %s", (origin) => {
  it("may call with credentials, and may read what the contract puts into headers", async () => {
    const { client } = await mintTenant();
    await mintLead(client, { email: "alex@example.com" });
    const answer = await client.get(LOOK_UP, { headers: { Origin: origin } });
    expect(answer.status).toBe(200);
    const allowed = corsHeaders(answer);
    expect(allowed).toMatchObject({ "allow-origin": origin, "allow-credentials": "true" });
    expect(list(allowed["expose-headers"])).toEqual(expect.arrayContaining(["etag", "x-org-unit", "x-request-id"]));
    expect(list(answer.headers.get("Vary") ?? "")).toContain("origin");
  });

  it("is answered before it sends credentials: a preflight needs none", async () => {
    for (const [path, method] of [
      ["/lead/by-alias", "GET"],
      ["/lead/by-alias/metadata", "PATCH"],
      ["/org-units/active", "POST"],
      ["/org-units/unit_default", "PUT"],
      ["/settings/tokens/pat_x", "DELETE"],
      ["/leads/import/preview", "POST"],
    ] as const) {
      const answer = await preflight(path, origin, method);
      expect([answer.status, await answer.text()], path).toEqual([204, ""]);
      const allowed = corsHeaders(answer);
      expect(allowed).toMatchObject({ "allow-origin": origin, "allow-credentials": "true" });
      expect(list(allowed["allow-methods"])).toContain(method.toLowerCase());
      expect(list(allowed["allow-headers"])).toEqual(
        expect.arrayContaining(["authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "x-org-unit"]),
      );
      // a wildcard would not count together with credentials
      expect(Object.values(allowed)).not.toContain("*");
    }
  });

  it("may read errors, too", async () => {
    const { client, credential } = await mintTenant();
    const headers = { Origin: origin };
    const answers: [number, Response][] = [
      [401, await request(LOOK_UP, { headers })],
      [400, await client.get("/lead/by-alias", { headers })],
      [404, await client.get(LOOK_UP, { headers })],
      [404, await request("/nothing", { headers })],
      [405, await request("/health", { method: "DELETE", headers })],
      [415, await client.call("POST", "/accounts", { headers: { ...headers, "Content-Type": "text/plain" }, body: "{}" })],
      [413, await client.post("/accounts", { name: "x".repeat(100 * 1024) }, { headers })],
      [500, await request("/secrets", { headers: { ...headers, Authorization: basicHeader(credential) } }, failingD1("no"))],
    ];
    for (const [status, answer] of answers) {
      expect(answer.status).toBe(status);
      expect(corsHeaders(answer), String(status)).toMatchObject({ "allow-origin": origin, "allow-credentials": "true" });
    }
  });

  it("gets a 304 that it may read", async () => {
    const { client } = await mintTenant();
    await mintLead(client, { email: "alex@example.com" });
    const answer = await client.get(LOOK_UP, { headers: { Origin: origin, "If-None-Match": "*" } });
    expect([answer.status, corsHeaders(answer)["allow-origin"]]).toEqual([304, origin]);
  });
});

describe.each(UNLISTED)("the unlisted origin %s", (origin) => {
  it("gets no permission, neither on successes, nor on errors, nor on a preflight", async () => {
    const { client } = await mintTenant();
    for (const answer of [
      await client.get("/org-units", { headers: { Origin: origin } }),
      await request("/org-units", { headers: { Origin: origin } }),
      await request("/nothing", { headers: { Origin: origin } }),
      await preflight("/lead/by-alias", origin, "GET"),
      await preflight("/lead/by-alias/metadata", origin, "PATCH"),
    ]) {
      expect(corsHeaders(answer)).toEqual({});
      // what a cache keeps for one origin is not for another
      expect(list(answer.headers.get("Vary") ?? "")).toContain("origin");
    }
  });
});

it("a caller that is no browser gets no CORS header", async () => {
  const { client } = await mintTenant();
  expect(corsHeaders(await client.get("/org-units"))).toEqual({});
});

it("with nothing listed nobody is allowed", async () => {
  for (const origin of [...LISTED, "null", ""]) {
    const answer = await request("/health", { headers: { Origin: origin } }, { ALLOWED_ORIGINS: "" } as Partial<Env>);
    expect([answer.status, corsHeaders(answer)]).toEqual([200, {}]);
  }
});
