/** OAuth clients: those that publish their metadata, those that register, and what programs find out about this service. */
import { env } from "cloudflare:workers";
import * as oauth from "oauth4webapi";
import { afterEach, describe, expect, it, vi } from "vitest";
import { mintMember } from "../../support/console";
import { answerOf, authorize, MCP, queryOf, REDIRECT_URI, register } from "../../support/oauth";
import { bearerClient } from "../../support/tenant";
import { ORIGIN, readProblem, request } from "../../support/worker";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

type Served = { client_id: string; fetched: { url: string; init: RequestInit | undefined }[] };

/** A host that serves a client's metadata document; `serve` returns another response. */
function publish(changes: object = {}, serve?: (document: object) => Response, host = "app.example.com"): Served {
  const client_id = `https://${host}/${crypto.randomUUID()}/client.json`;
  const document = { client_id, client_name: "Published Agent", redirect_uris: [REDIRECT_URI], ...changes };
  const fetched: Served["fetched"] = [];
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
    fetched.push({ url: String(input), init });
    return serve ? serve(document) : Response.json(document);
  });
  return { client_id, fetched };
}

describe("a client whose id is the URL of its metadata", () => {
  it("is let in: the document is fetched once, with no redirects and no credentials, and its host is shown", async () => {
    const { client_id, fetched } = publish({ token_endpoint_auth_method: "none", logo_uri: "https://app.example.com/logo.png" });
    const member = await mintMember();
    for (let times = 0; times < 3; times++) {
      expect((await authorize(queryOf(client_id))).headers.get("Location")).toMatch(/^\/console\/authorize\?/);
    }
    const view = await member.call("authorization.view", { query: queryOf(client_id) });
    expect(await view.json()).toMatchObject({ client: { name: "Published Agent", host: "app.example.com" } });
    expect(fetched.map(({ url }) => url)).toEqual([client_id]);
    expect(fetched[0]?.init).toMatchObject({ redirect: "manual" });
    expect(Object.keys(fetched[0]?.init?.headers ?? {}).sort()).toEqual(["Accept", "User-Agent"]);
  });

  it("is fetched again after five minutes", async () => {
    const { client_id, fetched } = publish();
    await authorize(queryOf(client_id));
    vi.useFakeTimers({ now: Date.now() + 301_000, toFake: ["Date"] });
    await authorize(queryOf(client_id));
    expect(fetched).toHaveLength(2);
  });

  it.each([
    ["names another client", { client_id: "https://app.example.com/other.json" }],
    ["has no redirect_uris", { redirect_uris: undefined }],
    ["has a redirect URI that no client may have", { redirect_uris: [REDIRECT_URI, "javascript:alert(1)"] }],
    ["has a secret", { client_secret: "secret" }],
    ["authenticates by a secret", { token_endpoint_auth_method: "client_secret_basic" }],
  ])("is unknown when the document %s", async (_, changes) => {
    const { client_id } = publish(changes);
    const answer = await authorize(queryOf(client_id));
    expect([answer.status, answer.headers.get("Location")]).toEqual([400, null]);
    expect((await answer.json<{ error: string }>()).error).toMatch(/^invalid_(client|redirect_uri)$/);
  });

  it.each([
    ["is not there", () => new Response("", { status: 404 })],
    ["redirects", () => new Response(null, { status: 302, headers: { Location: "http://169.254.169.254/" } })],
    ["is no JSON", () => new Response("<html>")],
    ["is no object", () => Response.json([])],
    ["is too large", (document: object) => Response.json({ ...document, padding: "x".repeat(11_000) })],
    [
      "never arrives",
      () => {
        throw new TypeError("connection refused to 10.0.0.1");
      },
    ],
  ])("is unknown when the document %s, and nothing of that is kept", async (_, serve) => {
    const { client_id, fetched } = publish({}, serve as (document: object) => Response);
    for (let times = 0; times < 2; times++) {
      const answer = await authorize(queryOf(client_id));
      const body = await answer.json<{ error: string; error_description: string }>();
      expect([answer.status, answer.headers.get("Location"), body.error]).toEqual([400, null, "invalid_client"]);
      expect(body.error_description).not.toContain("10.0.0.1");
    }
    expect(fetched).toHaveLength(2);
  });

  it.each([
    "http://app.example.com/client.json",
    "https://127.0.0.1/client.json",
    "https://[::1]/client.json",
    "https://10.0.0.1/client.json",
    "https://169.254.169.254/latest/meta-data",
    "https://localhost/client.json",
    "https://intranet/client.json",
    "https://db.internal/client.json",
    "https://app.example.com:22/client.json",
    "https://user:secret@app.example.com/client.json",
    "https://app.example.com/",
    "https://app.example.com",
    "https://app.example.com/client.json#part",
    "https://app.example.com/a/../client.json",
    "https://APP.example.com/client.json",
    "https://own.example.org/client.json",
    `https://app.example.com/${"x".repeat(500)}`,
  ])("is fetched from no address like %s", async (client_id) => {
    const { fetched } = publish();
    const bindings = { REFUSED_WEBHOOK_HOSTS: "example.org" } as unknown as Partial<Env>;
    const answer = await authorize(queryOf(client_id), {}, bindings);
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: "invalid_client" }]);
    expect(fetched).toEqual([]);
  });

  it("that does not exist counts as a wrong credential: from the 60th of one address within a minute there is no fetch", async () => {
    const { fetched } = publish({}, () => new Response("", { status: 404 }));
    const ip = { "CF-Connecting-IP": "203.0.113.77" };
    for (let times = 0; times < 65; times++) {
      await authorize(queryOf(`https://app.example.com/${crypto.randomUUID()}`), ip);
    }
    const answer = await authorize(queryOf(`https://app.example.com/${crypto.randomUUID()}`), ip);
    expect(answer.status).toBe(429);
    expect(Number(answer.headers.get("Retry-After"))).toBeGreaterThan(0);
    expect(fetched).toHaveLength(59);
  });
});

describe("a client that registers", () => {
  const post = (body: string, type = "application/json"): Promise<Response> =>
    request("/oauth/register", { method: "POST", headers: { "Content-Type": type }, body });

  it("gets its metadata back as a public client, and nothing is stored", async () => {
    const before = await env.DB.prepare("SELECT count(*) AS n FROM credentials").first("n");
    const sent = {
      client_name: "  Acme\u202e Agent \n",
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: "client_secret_basic",
      application_type: "native",
      unknown: { deep: true },
    };
    const answer = await post(JSON.stringify(sent));
    expect([answer.status, answer.headers.get("Cache-Control")]).toEqual([201, "no-store"]);
    expect(await answer.json()).toEqual({
      client_id: expect.stringMatching(/^client_[\w-]+\.[0-9a-f]{64}$/),
      client_id_issued_at: expect.any(Number),
      client_name: "Acme Agent",
      redirect_uris: [REDIRECT_URI],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    });
    expect(await env.DB.prepare("SELECT count(*) AS n FROM credentials").first("n")).toBe(before);
  });

  it.each([
    ["no redirect_uris", {}, "invalid_redirect_uri"],
    ["empty redirect_uris", { redirect_uris: [] }, "invalid_redirect_uri"],
    ["redirect_uris that are no list", { redirect_uris: REDIRECT_URI }, "invalid_redirect_uri"],
    ["a redirect URI by http", { redirect_uris: ["http://app.example.com/"] }, "invalid_redirect_uri"],
    ["a script as a redirect URI", { redirect_uris: ["javascript:alert(1)"] }, "invalid_redirect_uri"],
    ["too many", { redirect_uris: Array.from({ length: 21 }, (_, at) => `https://app.example.com/${at}`) }, "invalid_redirect_uri"],
    ["a name that is no text", { redirect_uris: [REDIRECT_URI], client_name: 5 }, "invalid_client_metadata"],
    [
      "too much in all",
      { redirect_uris: Array.from({ length: 20 }, (_, at) => `https://app.example.com/${at}${"x".repeat(400)}`) },
      "invalid_client_metadata",
    ],
  ])("is refused with %s", async (_, metadata, error) => {
    const answer = await post(JSON.stringify(metadata));
    expect([answer.status, await answer.json()]).toEqual([400, { error, error_description: expect.any(String) }]);
  });

  it("is refused in the words of RFC 7591 when the body cannot be read", async () => {
    for (const [body, type, status] of [
      ["{", "application/json", 400],
      ["[]", "application/json", 400],
      ["{}", "text/plain", 415],
      [JSON.stringify({ padding: "x".repeat(17_000) }), "application/json", 413],
    ] as const) {
      const answer = await post(body, type);
      expect([answer.status, (await answer.json<{ error: string }>()).error], body.slice(0, 10)).toEqual([
        status,
        body === "[]" ? expect.stringMatching(/^invalid_/) : "invalid_client_metadata",
      ]);
    }
  });

  it("has an id that nobody else can write", async () => {
    const client_id = await register();
    const [contents, signature] = client_id.replace("client_", "").split(".");
    const forged = btoa(JSON.stringify([1, "Acme Agent", ["https://evil.example.com/"]])).replace(/=+$/, "");
    for (const made of [`client_${forged}.${signature}`, `client_${contents}.${"0".repeat(64)}`, `client_${contents}`, "client_."]) {
      const answer = await authorize(queryOf(made, { redirect_uri: "https://evil.example.com/" }));
      expect([answer.status, answer.headers.get("Location")]).toEqual([400, null]);
    }
  });
});

describe("what programs find out", () => {
  const json = async (path: string) => (await request(path)).json<Record<string, unknown>>();

  it("the service names itself as it does in its tokens and responses", async () => {
    const server = await json("/.well-known/oauth-authorization-server");
    expect(server).toMatchObject({
      issuer: ORIGIN,
      authorization_endpoint: `${ORIGIN}/oauth/authorize`,
      token_endpoint: `${ORIGIN}/oauth/token`,
      registration_endpoint: `${ORIGIN}/oauth/register`,
      response_types_supported: ["code"],
      grant_types_supported: ["authorization_code", "refresh_token", "client_credentials"],
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
      scopes_supported: ["viewer", "editor", "admin", "offline_access"],
    });
    for (const path of ["", "/mcp"]) {
      expect(await json(`/.well-known/oauth-protected-resource${path}`)).toMatchObject({
        resource: ORIGIN + path,
        authorization_servers: [ORIGIN],
        scopes_supported: ["viewer", "editor", "admin"],
        bearer_methods_supported: ["header"],
      });
    }
  });

  it("with PUBLIC_ORIGIN it has that name, under whichever it is reached", async () => {
    const bindings = { PUBLIC_ORIGIN: "https://leads.example.com/" } as unknown as Partial<Env>;
    const server = await (await request("/.well-known/oauth-authorization-server", {}, bindings)).json<Record<string, string>>();
    expect([server.issuer, server.token_endpoint]).toEqual(["https://leads.example.com", "https://leads.example.com/oauth/token"]);
    const { credential } = await mintMember({ unit_id: "unit_default" });
    const { client_id, client_secret } = credential;
    const body = new URLSearchParams({ grant_type: "client_credentials", client_id, client_secret });
    const issued = await request("/oauth/token", { method: "POST", body }, bindings);
    const { access_token } = await issued.json<{ access_token: string }>();
    const client = bearerClient(access_token);
    expect((await client.get("/profile-fields", { bindings })).status).toBe(200);
    // of another service, for all that this one knows
    await readProblem(await client.get("/profile-fields"), 401);
  });

  it("pages of any origin may read it, register and get tokens, without credentials that browsers keep", async () => {
    const Origin = "https://inspector.example.com";
    for (const path of [
      "/.well-known/oauth-authorization-server",
      "/.well-known/oauth-protected-resource",
      "/.well-known/oauth-protected-resource/mcp",
      "/.well-known/jwks.json",
    ]) {
      const answer = await request(path, { headers: { Origin } });
      expect([answer.headers.get("Access-Control-Allow-Origin"), answer.headers.get("Access-Control-Allow-Credentials")]).toEqual([
        "*",
        null,
      ]);
    }
    for (const path of ["/oauth/token", "/oauth/register"]) {
      const preflight = await request(path, {
        method: "OPTIONS",
        headers: { Origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type" },
      });
      expect([preflight.status, preflight.headers.get("Access-Control-Allow-Origin")]).toEqual([204, "*"]);
      expect((await request(path, { method: "POST", headers: { Origin } })).headers.get("Access-Control-Allow-Origin")).toBe("*");
    }
    const listed = await request("/.well-known/jwks.json", { headers: { Origin: "https://app.example.com" } });
    expect(listed.headers.get("Access-Control-Allow-Origin")).toBe("https://app.example.com");
  });
});

describe("a standard OAuth client (oauth4webapi)", () => {
  const options = {
    [oauth.allowInsecureRequests]: true,
    [oauth.customFetch]: (url: string, init: unknown) => request(url.slice(ORIGIN.length), init as RequestInit),
  };

  it("finds the service by its resource, registers, is let in, gets tokens and refreshes them", async () => {
    const resource = new URL(MCP);
    const described = await oauth.processResourceDiscoveryResponse(resource, await oauth.resourceDiscoveryRequest(resource, options));
    const issuer = new URL(described.authorization_servers?.[0] ?? "");
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...options }));
    const client = await oauth.processDynamicClientRegistrationResponse(
      await oauth.dynamicClientRegistrationRequest(
        server,
        { client_name: "Standard", redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: "none" },
        options,
      ),
    );

    const verifier = oauth.generateRandomCodeVerifier();
    const state = oauth.generateRandomState();
    const query = new URLSearchParams({
      response_type: "code",
      client_id: client.client_id,
      redirect_uri: REDIRECT_URI,
      scope: (described.scopes_supported ?? []).join(" "),
      state,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      resource: MCP,
    });
    const sent = await request(`${new URL(server.authorization_endpoint ?? "").pathname}?${query}`);
    const consent = new URL(sent.headers.get("Location") ?? "", ORIGIN);
    const member = await mintMember();
    const approved = await member.call("authorization.approve", { query: consent.search.slice(1), role: "editor" });
    const { redirect_to } = await approved.json<{ redirect_to: string }>();
    expect(answerOf(redirect_to)).toMatchObject({ to: REDIRECT_URI, state, iss: ORIGIN });

    const parameters = oauth.validateAuthResponse(server, client, new URL(redirect_to), state);
    const additional = { ...options, additionalParameters: { resource: MCP } };
    const first = await oauth.processAuthorizationCodeResponse(
      server,
      client,
      await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), parameters, REDIRECT_URI, verifier, additional),
    );
    expect(first).toMatchObject({ token_type: "bearer", scope: "editor" });
    const second = await oauth.processRefreshTokenResponse(
      server,
      client,
      await oauth.refreshTokenGrantRequest(server, client, oauth.None(), first.refresh_token ?? "", additional),
    );
    const presented = new Request(MCP, { headers: { Authorization: `Bearer ${second.access_token}` } });
    const validated = await oauth.validateJwtAccessToken(server, presented, MCP, options);
    expect(validated).toMatchObject({ iss: ORIGIN, aud: MCP, client_id: client.client_id, scope: "editor" });
  });

  it("receives a refusal in a response that it accepts as this service's", async () => {
    const client_id = await register();
    const member = await mintMember();
    const { deny_url } = await (await member.call("authorization.view", { query: queryOf(client_id) })).json<{ deny_url: string }>();
    const server = { issuer: ORIGIN, authorization_response_iss_parameter_supported: true };
    expect(() => oauth.validateAuthResponse(server, { client_id }, new URL(deny_url), "a state & more")).toThrow(
      expect.objectContaining({ error: "access_denied" }),
    );
  });
});
