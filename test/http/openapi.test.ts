/** The API's description says what the API does, and the page that shows it needs nobody else's servers. */
import { describe, expect, it } from "vitest";
import { basicHeader, bearerClient, mintClient, mintTenant } from "../support/tenant";
import { type ApiOperation, apiOperations, isPartner, request } from "../support/worker";

type Document = {
  openapi: string;
  info: { title: string; version: string };
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
};
const document = async (): Promise<Document> => (await request("/openapi.json")).json<Document>();
const nameOf = ({ method, path }: ApiOperation) => `${method} ${path}`;

describe("/openapi.json", () => {
  it("is OpenAPI 3.1.0 and needs no credentials", async () => {
    const answer = await request("/openapi.json");
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, expect.stringContaining("application/json")]);
    expect(await answer.json()).toMatchObject({ openapi: "3.1.0", info: { title: expect.any(String), version: expect.any(String) } });
  });

  it("describes every operation: summary, tags, parameters, responses", async () => {
    for (const operation of await apiOperations()) {
      const name = nameOf(operation);
      expect(operation.summary, name).toMatch(/\w{3}/);
      expect(
        Object.keys(operation.responses).some((status) => /^(2\d\d|302)$/.test(status)),
        name,
      ).toBe(true);
      for (const response of Object.values(operation.responses)) expect(response.description, name).not.toBe("");
      const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter);
      const described = (operation.parameters ?? []).filter((parameter) => parameter.in === "path").map((parameter) => parameter.name);
      expect(described.sort(), name).toEqual(inPath.sort());
    }
  });

  it("names the errors of every operation that needs credentials, 401 first of all", async () => {
    const { components } = await document();
    const operations = await apiOperations();
    const open = operations.filter(({ security }) => !security?.length).map(nameOf);
    expect(open).toEqual([
      "GET /health",
      "GET /health/ready",
      "GET /metrics",
      "GET /",
      "GET /claim",
      "POST /claim",
      "GET /oauth/authorize",
      "POST /oauth/register",
      "GET /.well-known/jwks.json",
      "GET /.well-known/oauth-authorization-server",
      "GET /.well-known/oauth-protected-resource",
      "GET /.well-known/oauth-protected-resource/mcp",
      "POST /in/{token}",
    ]);
    for (const operation of operations.filter(({ security }) => security?.length)) {
      const name = nameOf(operation);
      expect(operation.responses, name).toHaveProperty("401");
      for (const scheme of operation.security?.flatMap(Object.keys) ?? []) expect(components.securitySchemes).toHaveProperty(scheme);
      if (operation.requestBody) expect(operation.responses, name).toHaveProperty("400");
      if (operation.requestBody?.content["application/json"] && !isPartner(operation)) {
        expect(Object.keys(operation.responses), name).toEqual(expect.arrayContaining(["413", "415"]));
      }
      if (operation.path.includes("{")) expect(operation.responses, name).toHaveProperty("404");
      for (const [status, { content }] of Object.entries(operation.responses)) {
        if (Number(status) < 400 || operation.path === "/oauth/token" || isPartner(operation)) continue;
        if (operation.path.startsWith("/api/v1/")) {
          expect(content?.["application/json"]?.example, `${name} ${status}`).toMatchObject({ success: false, code: expect.any(String) });
          continue;
        }
        expect(Object.keys(content ?? {}), `${name} ${status}`).toEqual(["application/problem+json"]);
        expect(content?.["application/problem+json"]?.example, `${name} ${status}`).toMatchObject({ status: Number(status) });
      }
    }
  });

  it("every JSON request body has an example", async () => {
    const without = (await apiOperations()).filter(
      ({ requestBody }) => requestBody?.content["application/json"] && requestBody.content["application/json"].example === undefined,
    );
    expect(without.map(nameOf)).toEqual([]);
  });

  it("every JSON answer has an example", async () => {
    const without = (await apiOperations()).flatMap((operation) =>
      Object.entries(operation.responses)
        .filter(([, { content }]) => content?.["application/json"] && content["application/json"].example === undefined)
        .map(([status]) => `${nameOf(operation)} ${status}`),
    );
    expect(without).toEqual([]);
  });

  it("every reference leads somewhere", async () => {
    const whole = await document();
    const references = [...JSON.stringify(whole).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
    expect(references.length).toBeGreaterThan(0);
    for (const name of references) expect(whole.components.schemas).toHaveProperty([name ?? ""]);
  });

  it("every example request that needs nothing else is accepted as it stands", async () => {
    const { organization_id } = await mintTenant();
    const client = await mintClient(organization_id, { unit_id: "unit_default" });
    const roaming = await mintClient(organization_id);
    const operations = await apiOperations();
    const example = (route: string) =>
      operations.find((operation) => nameOf(operation) === route)?.requestBody?.content["application/json"]?.example;
    const statuses: Record<string, number> = {};
    for (const route of [
      "POST /accounts",
      "POST /profile-fields",
      "POST /org-units",
      "POST /org-units/active",
      "POST /secrets",
      "POST /settings/tokens",
      "POST /notification-channels",
      "POST /ingest",
      "POST /ingest/batch",
      "POST /engagement-scoring/rulesets",
      "POST /engagement-levels",
    ]) {
      const [method, path] = route.split(" ") as [string, string];
      const caller = path === "/org-units" ? roaming : client;
      statuses[route] = (await caller.call(method, path, { json: example(route) })).status;
    }
    const renamed = await roaming.call("PUT", "/org-units/unit_default", { json: example("PUT /org-units/{id}") });
    expect(renamed.status).toBe(200);
    const operator = bearerClient("test-admin-token");
    const created = await operator.post("/admin/organizations", example("POST /admin/organizations"));
    const { organization_id: id } = await created.json<{ organization_id: string }>();
    const credential = await operator.post(
      `/admin/organizations/${id}/credentials`,
      example("POST /admin/organizations/{organization_id}/credentials"),
    );
    expect([created.status, credential.status]).toEqual([201, 201]);
    expect(statuses).toEqual({
      "POST /accounts": 201,
      "POST /profile-fields": 201,
      "POST /org-units": 201,
      "POST /org-units/active": 200,
      "POST /secrets": 200,
      "POST /settings/tokens": 201,
      "POST /notification-channels": 201,
      "POST /ingest": 202,
      "POST /ingest/batch": 202,
      "POST /engagement-scoring/rulesets": 201,
      "POST /engagement-levels": 201,
    });
    // these are well-formed, but name what this tenant does not have
    for (const [method, path] of [
      ["PATCH", "/lead/by-alias/metadata"],
      ["POST", "/leads/import/start"],
      ["POST", "/engagement-scoring/test"],
      ["POST", "/engagement-scoring/rulesets/{id}/rules"],
      ["PUT", "/engagement-scoring/rulesets/{id}"],
      ["PUT", "/rules/{id}"],
      ["PUT", "/engagement-levels/{id}"],
    ] as const) {
      const answer = await client.call(method, path.replace("{id}", "anything"), { json: example(`${method} ${path}`) });
      expect(answer.status, `${method} ${path}`).toBe(404);
    }
  });

  it("what is described is there: no described path is unknown", async () => {
    const { credential } = await mintTenant();
    for (const { method, path } of await apiOperations()) {
      const Authorization = path.startsWith("/admin") ? "Bearer test-admin-token" : basicHeader(credential);
      const answer = await request(path.replace(/\{\w+\}/g, "anything"), { method, headers: { Authorization } });
      expect(await answer.text(), `${method} ${path}`).not.toContain("No such path");
      expect(answer.status).not.toBe(405);
    }
  });
});

describe("/docs", () => {
  it("is a page that needs no other server", async () => {
    const answer = await request("/docs");
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, expect.stringContaining("text/html")]);
    expect(answer.headers.get("Content-Security-Policy")).toContain("default-src 'self'");
    const html = await answer.text();
    const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? "");
    expect(sources.filter((url) => !/^(\/docs|\/openapi\.json$|data:)/.test(url))).toEqual([]);
    // the policy forbids what a script or a style in the page would be
    expect(html).not.toMatch(/<script>|<style|style="|onload=/);
  });

  it("its assets are the worker's own", async () => {
    for (const [path, type, text] of [
      ["/docs/reference.css", "text/css", ".operations"],
      ["/docs/reference.js", "javascript", "sessionStorage"],
    ] as const) {
      const answer = await request(path);
      expect([path, answer.status, answer.headers.get("Content-Type")]).toEqual([path, 200, expect.stringContaining(type)]);
      expect(answer.headers.get("X-Request-Id")).toBeTruthy();
      expect(await answer.text()).toContain(text);
    }
  });

  it("lists every operation, and each has a page with its parameters, its body and its responses", async () => {
    const list = await (await request("/docs")).text();
    for (const operation of await apiOperations()) {
      const { operationId, path, method, security = [], parameters = [] } = operation;
      expect(list).toContain(`href="/docs/operations/${operationId}"`);
      const answer = await request(`/docs/operations/${operationId}`);
      expect([operationId, answer.status]).toEqual([operationId, 200]);
      const html = await answer.text();
      expect(html).toContain(`data-method="${method}" data-path="${path}"`);
      for (const scheme of security.flatMap(Object.keys)) expect(html, operationId).toContain(`<option value="${scheme}"`);
      for (const { name } of parameters) expect(html, operationId).toContain(`<code>${name}</code>`);
      for (const status of Object.keys(operation.responses)) expect(html, operationId).toContain(`<code>${status}</code>`);
    }
    expect((await request("/docs/operations/nothing")).status).toBe(404);
  });

  it("a description's markup is text", async () => {
    const { paragraphs } = await import("../../src/http/docs/reference/prose");
    expect(String(await Promise.all(paragraphs("a <b>`<i>`\n\n- one\n- two")))).toBe(
      "<p>a &lt;b&gt;<code>&lt;i&gt;</code></p>,<ul><li>one\n</li><li>two</li></ul>",
    );
  });

  it("nothing else of the folder is served", async () => {
    for (const path of [
      "/reference.css",
      "/package.json",
      "/docs/package.json",
      "/docs/browser.js",
      "/docs/../package.json",
      "/index.html",
    ]) {
      expect((await request(path)).status, path).toBe(404);
    }
  });
});

it("/health says that the Worker is alive, to anybody", async () => {
  const answer = await request("/health");
  expect([answer.status, await answer.json()]).toEqual([200, { status: "ok" }]);
});
