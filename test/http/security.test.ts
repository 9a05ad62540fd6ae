/** What browsers are told, and what another site's page cannot make them do. */
import { describe, expect, it } from "vitest";
import { basicHeader, clientWith, mintTenant } from "../support/tenant";
import { ORIGIN, readProblem, request } from "../support/worker";

describe("security headers", () => {
  it("are on every response of every dialect, errors included", async () => {
    const { client } = await mintTenant();
    const answers = [
      await request("/health"),
      await request("/nothing"),
      await request("/health", { method: "DELETE" }),
      await request("/openapi.json"),
      await request("/org-units"),
      await client.get("/org-units"),
      await request("/api/v1/leads"),
      await request("/partner", { method: "POST", body: "{" }),
      await request("/partner", { method: "OPTIONS" }),
      await request("/oauth/token", { method: "POST" }),
      await request("/admin/organizations", { method: "POST" }),
      await request("/docs"),
      await request("/docs/reference.css"),
    ];
    for (const answer of answers) {
      expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(answer.headers.get("Referrer-Policy")).toBe("no-referrer");
      expect(answer.headers.get("Content-Security-Policy")).toContain("frame-ancestors 'none'");
      expect(answer.headers.has("Strict-Transport-Security")).toBe(false);
    }
  });

  it("responses over https demand https", async () => {
    const { default: worker } = await import("../../src/index");
    const { createExecutionContext } = await import("cloudflare:test");
    const { env } = await import("cloudflare:workers");
    const answer = await worker.fetch(new Request("https://leadedge.test/health"), env, createExecutionContext());
    expect(answer.headers.get("Strict-Transport-Security")).toBe("max-age=31536000");
  });
});

describe("a form of another site, sent with Basic credentials that the browser keeps", () => {
  const FOREIGN = [
    { Origin: "https://evil.example.com" },
    { Origin: "null" },
    { Origin: "https://evil.example.com", "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site" },
  ];
  const form = () => {
    const body = new FormData();
    body.set("file", new File(["Email\na@example.com\n"], "leads.csv", { type: "text/csv" }));
    return body;
  };

  it.each(FOREIGN)("changes nothing: %j", async (headers) => {
    const { client } = await mintTenant();
    const { id } = await (
      await client.post("/notification-channels", { name: "n", type: "webhook", config: { url: "https://example.com/" } })
    ).json<{ id: string }>();
    for (const answer of [
      await client.call("POST", `/notification-channels/${id}/rotate-secret`, { headers }),
      await client.call("POST", "/leads/import/preview", { headers, body: form() }),
      await client.call("POST", "/accounts", { headers: { ...headers, "Content-Type": "text/plain" }, body: '{"name": "Mine"}' }),
      await client.call("DELETE", `/notification-channels/${id}`, { headers }),
    ]) {
      expect((await readProblem(answer, 403)).detail).toContain("ALLOWED_ORIGINS");
    }
    expect((await client.get(`/notification-channels/${id}`)).status).toBe(200);
  });

  it.each([
    {},
    { Origin: ORIGIN },
    { "Sec-Fetch-Site": "same-origin" },
    { "Sec-Fetch-Site": "none" },
    { Origin: "https://app.example.com", "Sec-Fetch-Site": "cross-site" },
  ])("a client of ours is accepted: %j", async (headers) => {
    const { client } = await mintTenant();
    expect((await client.call("POST", "/leads/import/preview", { headers: headers as Record<string, string>, body: form() })).status).toBe(
      200,
    );
  });

  it("keys that no browser keeps are not concerned, and JSON is the preflight's", async () => {
    const [headers] = FOREIGN;
    const { client, credential } = await mintTenant();
    const { token } = await (await client.post("/settings/tokens", { name: "t" })).json<{ token: string }>();
    const pat = clientWith({ Authorization: `Bearer ${token}` });
    expect((await pat.call("POST", "/leads/import/preview", { headers: headers ?? {}, body: form() })).status).toBe(200);
    const json = {
      method: "POST",
      headers: { ...headers, Authorization: basicHeader(credential), "Content-Type": "application/json" },
      body: '{"name": "Acme"}',
    };
    expect((await request("/accounts", json)).status).toBe(201);
    const external = await request("/partner", { method: "POST", headers: { ...headers }, body: '{"action": "lead_external"}' });
    expect(external.status).not.toBe(403);
  });
});
