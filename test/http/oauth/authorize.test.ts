/** The authorization endpoint and the decision in the console: who may be redirected where, and who may grant what. */
import { describe, expect, it } from "vitest";
import { mintMember } from "../../support/console";
import { answerOf, approve, authorize, CHALLENGE, codeForm, MCP, queryOf, REDIRECT_URI, register, tokensOf } from "../../support/oauth";
import { bearerClient, mintTenant, mintUnit } from "../../support/tenant";
import { ORIGIN, readProblem, request } from "../../support/worker";

const HTML = { Accept: "text/html,application/xhtml+xml" };

describe("the authorization endpoint", () => {
  it("sends a request that is in order to the console, with the parameters that count and no others", async () => {
    const client_id = await register();
    const answer = await authorize(`${queryOf(client_id, { scope: "viewer", resource: MCP })}&unit=unit_other&state2=x&login_hint=*`);
    expect([answer.status, answer.headers.get("Cache-Control")]).toEqual([302, "no-store"]);
    const to = new URL(answer.headers.get("Location") ?? "", ORIGIN);
    expect(to.origin + to.pathname).toBe(`${ORIGIN}/console/authorize`);
    expect(Object.fromEntries(to.searchParams)).toEqual({
      response_type: "code",
      client_id,
      redirect_uri: REDIRECT_URI,
      state: "a state & more",
      code_challenge: CHALLENGE,
      code_challenge_method: "S256",
      scope: "viewer",
      resource: MCP,
    });
    const page = await request(to.pathname + to.search);
    expect(page.headers.get("Content-Security-Policy")).toMatch(/form-action 'none'; frame-ancestors 'none'/);
  });

  it.each([
    ["no client", { client_id: null }, "invalid_request"],
    ["an unknown client", { client_id: "client_unknown" }, "invalid_client"],
    ["a client id that somebody changed", { client_id: "changed" }, "invalid_client"],
    ["no redirect_uri", { redirect_uri: null }, "invalid_request"],
    ["another redirect_uri", { redirect_uri: "https://evil.example.com/" }, "invalid_request"],
    ["a redirect_uri that is almost the client's", { redirect_uri: `${REDIRECT_URI}/` }, "invalid_request"],
  ] as [string, Record<string, string | null>, string][])("never redirects for %s", async (_, changes, error) => {
    const registered = await register();
    const client_id = registered.replace(/^client_./, (start) => (start === "client_W" ? "client_X" : "client_W"));
    const query = queryOf(registered, changes.client_id === "changed" ? { client_id } : changes);
    const answer = await authorize(query);
    expect([answer.status, answer.headers.get("Location"), await answer.json()]).toEqual([
      400,
      null,
      { error, error_description: expect.any(String) },
    ]);
    const page = await authorize(query, HTML);
    expect([page.status, page.headers.get("Location")]).toEqual([400, null]);
    expect(page.headers.get("Content-Security-Policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(await page.text()).toContain("This program cannot be let in");
  });

  it("escapes what a client writes into the page that refuses it", async () => {
    const client_id = await register({ redirect_uris: [REDIRECT_URI] });
    const page = await authorize(queryOf(client_id, { redirect_uri: "<script>alert(1)</script>" }), HTML);
    expect(await page.text()).not.toContain("<script>");
  });

  it("a parameter that is sent twice is an error, and redirects nobody where the client depends on it", async () => {
    const client_id = await register();
    for (const twice of ["client_id=x", "redirect_uri=https%3A%2F%2Fevil.example.com", "state=2", "code_challenge=x"]) {
      const answer = await authorize(`${queryOf(client_id)}&${twice}`);
      expect([answer.status, answer.headers.get("Location")], twice).toEqual([400, null]);
      expect(await answer.json()).toMatchObject({ error: "invalid_request" });
    }
  });

  it.each([
    ["another response_type", { response_type: "token" }, "unsupported_response_type"],
    ["no response_type", { response_type: null }, "invalid_request"],
    ["another response_mode", { response_mode: "fragment" }, "invalid_request"],
    ["no challenge", { code_challenge: null }, "invalid_request"],
    ["a challenge of another length", { code_challenge: "short" }, "invalid_request"],
    ["a plain challenge", { code_challenge_method: "plain" }, "invalid_request"],
    ["a challenge without its method, which would be plain", { code_challenge_method: null }, "invalid_request"],
    ["an unknown scope", { scope: "openid profile" }, "invalid_scope"],
    ["another service as the resource", { resource: "https://other.example.com/mcp" }, "invalid_target"],
    ["a resource that is no URL", { resource: "mcp" }, "invalid_target"],
  ])("tells the client of %s, with its state and the issuer", async (_, changes, error) => {
    const client_id = await register();
    const answer = await authorize(queryOf(client_id, changes));
    expect([answer.status, answerOf(answer.headers.get("Location") ?? "")]).toEqual([
      302,
      { to: REDIRECT_URI, error, error_description: expect.any(String), state: "a state & more", iss: ORIGIN },
    ]);
  });

  it("redirects no invalid request to a host that a client registered itself, and links to it by its name", async () => {
    const redirect_uri = "https://evil.example/login";
    const client_id = await register({ client_name: "Acme Agent", redirect_uris: [redirect_uri] });
    const query = queryOf(client_id, { redirect_uri, response_type: null });
    const answer = await authorize(query);
    expect([answer.status, answer.headers.get("Location"), await answer.json()]).toEqual([
      400,
      null,
      { error: "invalid_request", error_description: "response_type is missing" },
    ]);
    const page = await authorize(query, HTML);
    expect([page.status, page.headers.get("Location")]).toEqual([400, null]);
    expect(await page.text()).toMatch(
      /<a href="https:\/\/evil\.example\/login\?error=invalid_request&amp;[^"]*"[^>]*>Go to evil\.example<\/a>/,
    );
    const valid = await authorize(queryOf(client_id, { redirect_uri }));
    expect(valid.headers.get("Location")).toMatch(/^\/console\/authorize\?/);
  });

  it("a native app's port may differ from the registered one, the rest of its URI not", async () => {
    const client_id = await register();
    const port = await authorize(queryOf(client_id, { redirect_uri: "http://127.0.0.1:50123/callback" }));
    expect(port.headers.get("Location")).toMatch(/^\/console\/authorize\?/);
    const host = await authorize(queryOf(client_id, { redirect_uri: "http://localhost:3999/callback" }));
    expect([host.status, host.headers.get("Location")]).toEqual([400, null]);
  });

  it("takes no other method", async () => {
    expect((await request("/oauth/authorize", { method: "POST", body: new URLSearchParams() })).status).toBe(405);
  });
});

describe("the decision", () => {
  type View = { client: object; redirect_host: string | null; resource: string | null; roles: string[]; deny_url: string; unit: object };

  it("shows who asks, from where, for what, and the roles that the caller has", async () => {
    const client_id = await register();
    for (const [role, roles] of [
      ["viewer", ["viewer"]],
      ["editor", ["viewer", "editor"]],
      ["admin", ["viewer", "editor", "admin"]],
    ] as const) {
      const member = await mintMember({ role });
      const view = await (await member.call("authorization.view", { query: queryOf(client_id, { resource: MCP }) })).json<View>();
      expect(view).toMatchObject({
        client: { name: "Acme Agent", host: null },
        redirect_host: null,
        resource: MCP,
        roles,
        unit: { unit_id: "unit_default", name: expect.any(String) },
      });
      expect(answerOf(view.deny_url)).toEqual({
        to: REDIRECT_URI,
        error: "access_denied",
        error_description: expect.any(String),
        state: "a state & more",
        iss: ORIGIN,
      });
    }
  });

  it.each([
    [undefined, ["viewer", "editor", "admin"]],
    ["offline_access", ["viewer", "editor", "admin"]],
    ["viewer", ["viewer"]],
    ["editor offline_access", ["viewer", "editor"]],
    ["viewer editor admin openid", ["viewer", "editor", "admin"]],
  ])("the scope %j bounds the roles that can be granted", async (scope, roles) => {
    const client_id = await register();
    const member = await mintMember();
    const query = queryOf(client_id, scope ? { scope } : {});
    expect(await (await member.call("authorization.view", { query })).json()).toMatchObject({ roles });
    for (const role of ["viewer", "editor", "admin"]) {
      const answer = await member.call("authorization.approve", { query, role });
      expect(answer.status, role).toBe(roles.includes(role) ? 200 : 403);
    }
  });

  it("nobody grants more than their own role", async () => {
    const client_id = await register();
    for (const [own, role] of [
      ["viewer", "editor"],
      ["viewer", "admin"],
      ["editor", "admin"],
    ] as const) {
      const member = await mintMember({ role: own });
      await readProblem(await member.call("authorization.approve", { query: queryOf(client_id), role }), 403);
    }
    const viewer = await mintMember({ role: "viewer" });
    const code = await approve(viewer, queryOf(client_id));
    const { access_token } = await tokensOf(codeForm(code, client_id));
    expect((await bearerClient(access_token).get("/profile-fields")).status).toBe(200);
    await readProblem(await bearerClient(access_token).post("/accounts", { name: "Acme" }), 403);
  });

  it("lets in to the unit that was chosen, and to no other organization's", async () => {
    const tenant = await mintTenant();
    const unit = await mintUnit(tenant, "North");
    const rival = await mintUnit(await mintTenant(), "Theirs");
    const member = await mintMember({ organization_id: tenant.organization_id });
    const client_id = await register();
    const foreign = { query: queryOf(client_id), role: "viewer" };
    await readProblem(await member.call("authorization.approve", foreign, { "X-Org-Unit": rival }), 404);
    const homed = await mintMember({ organization_id: tenant.organization_id, unit_id: "unit_default" });
    await readProblem(await homed.call("authorization.approve", foreign, { "X-Org-Unit": unit }), 404);
    const code = await approve(member, queryOf(client_id), { unit });
    const client = bearerClient((await tokensOf(codeForm(code, client_id))).access_token);
    expect((await client.get("/profile-fields")).headers.get("X-Org-Unit")).toBe(unit);
    await readProblem(await client.get("/profile-fields", { headers: { "X-Org-Unit": "unit_default" } }), 404);
  });

  it("takes no request that the authorization endpoint would refuse or return", async () => {
    const client_id = await register();
    const member = await mintMember();
    for (const query of [
      "",
      queryOf("client_unknown"),
      queryOf(client_id, { redirect_uri: "https://evil.example.com/" }),
      queryOf(client_id, { code_challenge_method: "plain" }),
      queryOf(client_id, { resource: "https://other.example.com" }),
      `${queryOf(client_id)}&redirect_uri=https%3A%2F%2Fevil.example.com`,
    ]) {
      await readProblem(await member.call("authorization.view", { query }), 400);
      await readProblem(await member.call("authorization.approve", { query, role: "viewer" }), 400);
    }
  });

  it("needs a session, and the console's own page", async () => {
    const client_id = await register();
    const member = await mintMember();
    const given = { query: queryOf(client_id), role: "viewer" };
    expect((await member.call("authorization.approve", given, { Cookie: "" })).status).toBe(401);
    for (const headers of [
      { "Sec-Fetch-Site": "cross-site" },
      { "Sec-Fetch-Site": "same-site" },
      { Origin: "https://evil.example.com" },
    ] as Record<string, string>[]) {
      expect((await member.call("authorization.approve", given, headers)).status).toBe(403);
    }
  });
});
