/** Access tokens: how ours are issued (RFC 6749), what else is refused, and those of the operator's identity provider. */
import { env } from "cloudflare:workers";
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  decodeProtectedHeader,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from "jose";
import * as oauth from "oauth4webapi";
import { afterEach, describe, expect, it, vi } from "vitest";
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
import { ORIGIN, readProblem, request } from "../../support/worker";

const UNITS = "/org-units";
const HOUR_MS = 3_600_000;

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function passTime(ms: number): void {
  const now = Date.now();
  vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(now + ms);
}

const askToken = (form: Record<string, string> | string, headers: Record<string, string> = {}): Promise<Response> =>
  request("/oauth/token", { method: "POST", headers, body: new URLSearchParams(form) });

const GRANT = { grant_type: "client_credentials" };

async function accessToken(credential: Credential, form: Record<string, string> = {}): Promise<string> {
  const answer = await askToken({ ...GRANT, ...form }, { Authorization: basicHeader(credential) });
  expect(answer.status).toBe(200);
  return (await answer.json<{ access_token: string }>()).access_token;
}

const expectClosed = async (answer: Response): Promise<void> => {
  expect(answer.headers.get("WWW-Authenticate")).toContain("Bearer");
  await readProblem(answer, 401);
};

const jwkSet = async (): Promise<JSONWebKeySet> => (await request("/.well-known/jwks.json")).json<JSONWebKeySet>();

describe("token endpoint", () => {
  it.each(["HTTP Basic", "form"])("a service account gets a token by %s, and the token opens what the account opens", async (way) => {
    const { credential } = await mintTenant();
    const { client_id, client_secret } = credential;
    const answer =
      way === "form"
        ? await askToken({ ...GRANT, client_id, client_secret })
        : await askToken(GRANT, { Authorization: basicHeader(credential) });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Cache-Control")).toBe("no-store");
    const token = await answer.json<{ access_token: string }>();
    expect(token).toEqual({ access_token: expect.any(String), token_type: "Bearer", expires_in: 3600 });
    const opened = await bearerClient(token.access_token).get("/profile-fields");
    expect([opened.status, opened.headers.get("X-Org-Unit")]).toEqual([200, "unit_default"]);
  });

  it.each([
    ["client_secret_basic", oauth.ClientSecretBasic],
    ["client_secret_post", oauth.ClientSecretPost],
  ])("a standard OAuth client (oauth4webapi) gets a token by %s", async (_, authentication) => {
    const { credential } = await mintTenant();
    const server = { issuer: ORIGIN, token_endpoint: `${ORIGIN}/oauth/token` };
    const client = { client_id: credential.client_id };
    const answer = await oauth.clientCredentialsGrantRequest(
      server,
      client,
      authentication(credential.client_secret),
      new URLSearchParams(),
      {
        [oauth.allowInsecureRequests]: true,
        [oauth.customFetch]: (url, init) => request(new URL(url).pathname, init as RequestInit),
      },
    );
    const { access_token } = await oauth.processClientCredentialsResponse(server, client, answer);
    expect((await bearerClient(access_token).get("/profile-fields")).status).toBe(200);
  });

  it("a standard OAuth client discovers the server by RFC 8414, and gets a token from what it finds", async () => {
    const { credential } = await mintTenant();
    const options = {
      [oauth.allowInsecureRequests]: true,
      [oauth.customFetch]: (url: string, init: unknown) => request(new URL(url).pathname, init as RequestInit),
    };
    const issuer = new URL(ORIGIN);
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...options }));
    expect(server).toMatchObject({ issuer: ORIGIN, jwks_uri: `${ORIGIN}/.well-known/jwks.json` });
    const client = { client_id: credential.client_id };
    const authentication = oauth.ClientSecretBasic(credential.client_secret);
    const answer = await oauth.clientCredentialsGrantRequest(server, client, authentication, new URLSearchParams(), options);
    const { access_token } = await oauth.processClientCredentialsResponse(server, client, answer);
    expect((await bearerClient(access_token).get("/profile-fields")).status).toBe(200);
  });

  it("HTTP Basic is read form-encoded (RFC 6749, section 2.3.1) and as it is", async () => {
    const { credential } = await mintTenant();
    const everyCharacter = (text: string) => [...text].map((char) => `%${char.charCodeAt(0).toString(16)}`).join("");
    const { client_id, client_secret } = credential;
    for (const [id, secret] of [
      [client_id, client_secret],
      [client_id.replaceAll("_", "%5F"), client_secret.replaceAll("_", "%5f")],
      [everyCharacter(client_id), everyCharacter(client_secret)],
    ]) {
      const answer = await askToken(GRANT, { Authorization: `Basic ${btoa(`${id}:${secret}`)}` });
      expect(answer.status, id).toBe(200);
    }
    for (const secret of [`${client_secret}%`, `${client_secret}%00`, "%", "%zz", "+"]) {
      const answer = await askToken(GRANT, { Authorization: `Basic ${btoa(`${client_id}:${secret}`)}` });
      expect([answer.status, await answer.json()], secret).toMatchObject([401, { error: "invalid_client" }]);
    }
  });

  it("the key set verifies a token, whose claims name the account and its organization", async () => {
    const { credential, organization_id } = await mintTenant();
    const token = await accessToken(credential);
    const keys = await jwkSet();
    expect(keys.keys).toHaveLength(1);
    expect(Object.keys(keys.keys[0] ?? {}).sort()).toEqual(["alg", "crv", "kid", "kty", "use", "x"]);
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys), { issuer: ORIGIN, audience: "leadedge" });
    expect(protectedHeader).toEqual({ alg: "EdDSA", kid: keys.keys[0]?.kid, typ: "at+jwt" });
    expect(payload).toMatchObject({ sub: credential.credential_id, org: organization_id, role: "admin", ou: "unit_default" });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(3600);
    expect(Math.abs(Number(payload.iat) * 1000 - Date.now())).toBeLessThan(60_000);
  });

  it("`ou` chooses the org unit of an account without a home", async () => {
    const tenant = await mintTenant();
    const other = await mintUnit(tenant, "Other");
    const roaming = await mintCredential(tenant.organization_id, { kind: "service_account" });
    const unitOf = async (token: string) => (await bearerClient(token).get("/profile-fields")).headers.get("X-Org-Unit");
    expect(await unitOf(await accessToken(roaming, { ou: other }))).toBe(other);
    expect(await unitOf(await accessToken(roaming, { ou: "unit_default" }))).toBe("unit_default");
    const nowhere = bearerClient(await accessToken(roaming));
    expect((await readProblem(await nowhere.get("/profile-fields"), 400)).detail).toMatch(/^active OU not set: /);
  });

  it("`ou` cannot name what the account may not use", async () => {
    const tenant = await mintTenant();
    const other = await mintUnit(tenant, "Other");
    for (const ou of [other, "unit_unknown"]) {
      const answer = await askToken({ ...GRANT, ou }, { Authorization: basicHeader(tenant.credential) });
      expect([answer.status, await answer.json()]).toMatchObject([400, { error: "invalid_request" }]);
    }
  });

  it("wrong clients get invalid_client and a challenge for Basic (RFC 6749, section 5.2)", async () => {
    const { credential, client, organization_id } = await mintTenant();
    const { client_id, client_secret } = credential;
    const { token } = await (await client.post("/settings/tokens", { name: "t" })).json<{ token: string }>();
    const { api_key } = await mintCredential(organization_id, { kind: "workspace_key" });
    const bodies = new Set<string>();
    for (const answer of [
      await askToken(GRANT),
      await askToken({ ...GRANT, client_id }),
      await askToken({ ...GRANT, client_id, client_secret: "wrong" }),
      await askToken({ ...GRANT, client_id: "wrong", client_secret }),
      await askToken({ ...GRANT, client_id: token, client_secret: token }),
      await askToken({ ...GRANT, client_id: api_key, client_secret: api_key }),
      await askToken(GRANT, { Authorization: "Basic !!!" }),
      await askToken(GRANT, { Authorization: `Basic ${btoa(`${client_id}:wrong`)}` }),
      await askToken({}),
    ]) {
      expect(answer.status).toBe(401);
      expect(answer.headers.get("WWW-Authenticate")).toContain("Basic");
      expect(answer.headers.get("Cache-Control")).toBe("no-store");
      bodies.add(await answer.text());
    }
    expect([...bodies].map((body) => JSON.parse(body))).toEqual([{ error: "invalid_client", error_description: expect.any(String) }]);
  });

  it.each([
    ["another grant", "grant_type=password", "unsupported_grant_type"],
    ["no grant", "scope=all", "invalid_request"],
    ["no form at all", "", "invalid_request"],
    ["a parameter twice", "grant_type=client_credentials&grant_type=client_credentials", "invalid_request"],
  ])("%s is an error in the words of RFC 6749", async (_, form, error) => {
    const { credential } = await mintTenant();
    const answer = await askToken(form, { Authorization: basicHeader(credential) });
    expect([answer.status, await answer.json()]).toEqual([400, { error, error_description: expect.any(String) }]);
  });

  it("a form of another media type is refused in the words of RFC 6749, never a failure", async () => {
    const { credential } = await mintTenant();
    for (const [type, body, status] of [
      ["application/json", JSON.stringify(GRANT), 415],
      ["multipart/form-data", "no boundary", 400],
      ["multipart/form-data; boundary=x", "--x\r\nnonsense", 400],
      ["text/plain", "grant_type=client_credentials", 415],
      ["application/x-www-form-urlencoded", `grant_type=client_credentials&scope=${"x".repeat(9000)}`, 413],
    ] as const) {
      const headers = { Authorization: basicHeader(credential), "Content-Type": type };
      const answer = await request("/oauth/token", { method: "POST", headers, body });
      expect([answer.status, await answer.json()], type).toEqual([
        status,
        { error: "invalid_request", error_description: expect.any(String) },
      ]);
    }
  });
});

describe("a rotation of the signing key", () => {
  it("the previous key still verifies tokens and sessions, the new one signs, and the key set shows both", async () => {
    const { credential, organization_id } = await mintTenant();
    const roaming = await mintClient(organization_id);
    const before = await accessToken(credential);
    const opened = await roaming.post("/org-units/active", { ouId: "unit_default" });
    const cookie = (opened.headers.get("Set-Cookie") ?? "").split(";")[0] ?? "";
    const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
    const SIGNING_KEY = JSON.stringify(await exportJWK(privateKey));
    const rotated = { SIGNING_KEY, SIGNING_KEY_PREVIOUS: env.SIGNING_KEY } as Partial<Env>;
    expect((await bearerClient(before).get("/profile-fields", { bindings: rotated })).status).toBe(200);
    expect((await roaming.get("/profile-fields", { bindings: rotated, headers: { Cookie: cookie } })).status).toBe(200);

    const form = new URLSearchParams(GRANT);
    const answer = await request(
      "/oauth/token",
      { method: "POST", headers: { Authorization: basicHeader(credential) }, body: form },
      rotated,
    );
    const { access_token: after } = await answer.json<{ access_token: string }>();
    expect((await bearerClient(after).get("/profile-fields", { bindings: rotated })).status).toBe(200);
    const { keys } = await (await request("/.well-known/jwks.json", {}, rotated)).json<JSONWebKeySet>();
    expect(keys.map(({ kid }) => kid)).toEqual([decodeProtectedHeader(after).kid, decodeProtectedHeader(before).kid]);
    expect(JSON.stringify(keys)).not.toContain('"d"');

    // the end of the overlap
    const ended = { SIGNING_KEY } as Partial<Env>;
    await expectClosed(await bearerClient(before).get("/profile-fields", { bindings: ended }));
    expect((await bearerClient(after).get("/profile-fields", { bindings: ended })).status).toBe(200);
  });
});

describe("forged and worn tokens", () => {
  const ourJwk = (): JWK => JSON.parse(env.SIGNING_KEY ?? "") as JWK;
  const publicJwk = async (): Promise<JWK> => (await jwkSet()).keys[0] as JWK;

  /** A token as ours, with what a test wants to be different. */
  async function forge(
    tenant: Tenant,
    wanted: { key?: CryptoKey | Uint8Array; header?: Record<string, unknown>; claims?: JWTPayload; without?: string[] } = {},
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const payload: JWTPayload = {
      org: tenant.organization_id,
      role: "admin",
      ou: "unit_default",
      iss: ORIGIN,
      aud: "leadedge",
      sub: tenant.credential.credential_id,
      iat: now,
      exp: now + 3600,
      ...wanted.claims,
    };
    for (const claim of wanted.without ?? []) delete payload[claim];
    const { kid } = await publicJwk();
    const key = wanted.key ?? ((await importJWK(ourJwk(), "EdDSA")) as CryptoKey);
    return new SignJWT(payload).setProtectedHeader({ alg: "EdDSA", kid: kid ?? "", typ: "at+jwt", ...wanted.header }).sign(key);
  }
  const base64url = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");

  it("the forge is good: a token signed as ours opens", async () => {
    const tenant = await mintTenant();
    expect((await bearerClient(await forge(tenant)).get(UNITS)).status).toBe(200);
  });

  it("a token in flight from before `iss` was a URL opens until it expires", async () => {
    const tenant = await mintTenant();
    const now = Math.floor(Date.now() / 1000);
    expect((await bearerClient(await forge(tenant, { claims: { iss: "leadedge" } })).get(UNITS)).status).toBe(200);
    await expectClosed(await bearerClient(await forge(tenant, { claims: { iss: "leadedge", exp: now - 1 } })).get(UNITS));
  });

  it.each(["none", "None", "NONE", ""])("alg %j opens nothing", async (alg) => {
    const tenant = await mintTenant();
    const [header, payload, signature] = (await forge(tenant)).split(".");
    const { kid } = decodeProtectedHeader(`${header}.${payload}.${signature}`);
    for (const end of ["", signature]) {
      await expectClosed(await bearerClient(`${base64url({ alg, kid, typ: "at+jwt" })}.${payload}.${end}`).get(UNITS));
    }
  });

  it("HS256 signed by the public key, in any of its encodings, opens nothing", async () => {
    const tenant = await mintTenant();
    const jwk = await publicJwk();
    const { kty, crv, x } = jwk;
    const key = (await importJWK({ kty, crv, x } as JWK, "EdDSA", { extractable: true })) as CryptoKey;
    const pem = await exportSPKI(key);
    const text = new TextEncoder();
    const secrets = [
      Uint8Array.from(atob((x ?? "").replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0)),
      text.encode(x),
      text.encode(pem),
      text.encode(pem.trim()),
      text.encode(`${pem.trim()}\n`),
      new Uint8Array((await crypto.subtle.exportKey("spki", key)) as ArrayBuffer),
      text.encode(JSON.stringify(jwk)),
      text.encode(JSON.stringify({ crv, kty, x })),
      text.encode(await (await request("/.well-known/jwks.json")).text()),
    ];
    for (const secret of secrets) {
      for (const alg of ["HS256", "HS512"]) {
        await expectClosed(await bearerClient(await forge(tenant, { key: secret, header: { alg } })).get(UNITS));
      }
    }
  });

  it("another key opens nothing, not even under our key's id", async () => {
    const tenant = await mintTenant();
    const { privateKey, publicKey } = await generateKeyPair("EdDSA", { extractable: true });
    const theirs = await exportJWK(publicKey);
    await expectClosed(await bearerClient(await forge(tenant, { key: privateKey })).get(UNITS));
    const kid = await calculateJwkThumbprint(theirs);
    await expectClosed(await bearerClient(await forge(tenant, { key: privateKey, header: { kid } })).get(UNITS));
    // a key that the token itself brings is nobody's
    await expectClosed(await bearerClient(await forge(tenant, { key: privateKey, header: { jwk: theirs } })).get(UNITS));
    const rsa = await generateKeyPair("RS256");
    await expectClosed(await bearerClient(await forge(tenant, { key: rsa.privateKey, header: { alg: "RS256" } })).get(UNITS));
  });

  it.each([
    ["another audience", { claims: { aud: "somebody-else" } }],
    ["no audience", { without: ["aud"] }],
    ["the sessions' audience", { claims: { aud: "leadedge:session" } }],
    ["another issuer", { claims: { iss: "https://evil.example.com" } }],
    ["no issuer", { without: ["iss"] }],
    ["no expiry", { without: ["exp"] }],
    ["no subject", { without: ["sub"] }],
    ["an unknown subject", { claims: { sub: "sec_unknown" } }],
    ["a time to come", { claims: { nbf: Math.floor(Date.now() / 1000) + 3600 } }],
    ["another type", { header: { typ: "JWT" } }],
    ["another name of its algorithm", { header: { alg: "Ed25519" } }],
  ] as [string, Parameters<typeof forge>[1]][])("a token with %s opens nothing, though our key signed it", async (_, wanted) => {
    const tenant = await mintTenant();
    await expectClosed(await bearerClient(await forge(tenant, wanted)).get(UNITS));
  });

  it("a token whose parts were changed opens nothing", async () => {
    const tenant = await mintTenant();
    const { organization_id } = await mintTenant();
    const [header, payload, signature] = (await forge(tenant)).split(".") as [string, string, string];
    const claims = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as JWTPayload;
    for (const token of [
      `${header}.${base64url({ ...claims, org: organization_id })}.${signature}`,
      `${header}.${payload}.${signature.slice(0, -4)}AAAA`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${header}..${signature}`,
      `${header}.${payload}.${signature}.${signature}`,
    ]) {
      await expectClosed(await bearerClient(token).get(UNITS));
    }
  });

  it("an hour later a token opens nothing", async () => {
    const { credential } = await mintTenant();
    const bearer = bearerClient(await accessToken(credential));
    passTime(HOUR_MS - 10_000);
    expect((await bearer.get(UNITS)).status).toBe(200);
    passTime(11_000);
    await expectClosed(await bearer.get(UNITS));
  });

  it("the role and the organization are the credential's, whatever the token says", async () => {
    const tenant = await mintTenant();
    const rival = await mintTenant();
    const viewer = await mintCredential(tenant.organization_id, { kind: "service_account", unit_id: "unit_default", role: "viewer" });
    const token = await forge(tenant, { claims: { sub: viewer.credential_id, org: rival.organization_id, role: "admin" } });
    await readProblem(await bearerClient(token).post("/accounts", { name: "Acme" }), 403);
    expect(await (await bearerClient(token).get(UNITS)).json()).toMatchObject([{ org_id: tenant.organization_id }]);
  });

  it("a session cookie is no access token, and an access token is no session cookie", async () => {
    const { organization_id } = await mintTenant();
    const roaming = await mintCredential(organization_id, { kind: "service_account" });
    const client = clientWith({ Authorization: basicHeader(roaming) });
    const opened = await client.post("/org-units/active", { ouId: "unit_default" });
    const session = /activeOu=([^;]+)/.exec(opened.headers.get("Set-Cookie") ?? "")?.[1] ?? "";
    expect((await client.get("/profile-fields", { headers: { Cookie: `activeOu=${session}` } })).status).toBe(200);
    await expectClosed(await bearerClient(session).get("/profile-fields"));
    const token = await accessToken(roaming, { ou: "unit_default" });
    const answer = await client.get("/profile-fields", { headers: { Cookie: `activeOu=${token}` } });
    expect((await readProblem(answer, 400)).detail).toMatch(/^active OU not set: /);
  });
});

describe("the operator's identity provider", () => {
  type Provider = { bindings: Partial<Env>; token: (claims: JWTPayload, header?: object) => Promise<string>; fetched: string[] };

  /** An identity provider of the test's own, its key set served at a URL of its own. */
  async function mintProvider(alg = "ES256"): Promise<Provider> {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const url = `https://login.example.com/${crypto.randomUUID()}/jwks.json`;
    const fetched: string[] = [];
    vi.stubGlobal("fetch", async (input: RequestInfo | URL) => {
      fetched.push(String(input));
      if (String(input) !== url) return new Response(null, { status: 404 });
      return Response.json({ keys: [{ ...(await exportJWK(publicKey)), kid: "theirs", alg, use: "sig" }] });
    });
    return {
      fetched,
      bindings: {
        AUTH_JWKS_URL: url,
        AUTH_ISSUER: "https://login.example.com/",
        AUTH_AUDIENCE: "leads",
        AUTH_ORGANIZATIONS: "*",
      } as unknown as Partial<Env>,
      token: (claims, header = {}) => {
        const now = Math.floor(Date.now() / 1000);
        const payload = { iss: "https://login.example.com/", aud: "leads", sub: "user-1", iat: now, exp: now + 600, ...claims };
        return new SignJWT(payload).setProtectedHeader({ alg, kid: "theirs", ...header }).sign(privateKey);
      },
    };
  }
  const caller = (token: string): Client => bearerClient(token);

  it.each(["ES256", "RS256", "EdDSA"])("a token of theirs (%s) opens its organization, in its role, in its org unit", async (alg) => {
    const { organization_id, client } = await mintTenant();
    await mintLead(client, { email: "alex@example.com" });
    const { bindings, token, fetched } = await mintProvider(alg);
    const editor = caller(await token({ org: organization_id, role: "editor", ou: "unit_default" }));
    const found = await editor.get("/lead/by-alias?value=alex@example.com", { bindings });
    expect([found.status, found.headers.get("X-Org-Unit")]).toEqual([200, "unit_default"]);
    const patched = await editor.patch("/lead/by-alias/metadata", { alias_value: "alex@example.com", attributes: { a: 1 } }, { bindings });
    expect(patched.status).toBe(200);
    await readProblem(await editor.post("/org-units", { name: "Mine" }, { bindings }), 403);
    expect(fetched).toEqual([(bindings as unknown as Env).AUTH_JWKS_URL]);
  });

  it("without a role it reads only; without an org unit it has none", async () => {
    const { organization_id } = await mintTenant();
    const { bindings, token } = await mintProvider();
    const viewer = caller(await token({ org: organization_id, ou: "unit_default" }));
    expect((await viewer.get("/profile-fields", { bindings })).status).toBe(200);
    await readProblem(await viewer.post("/accounts", { name: "Acme" }, { bindings }), 403);
    const homeless = caller(await token({ org: organization_id, role: "admin" }));
    expect((await readProblem(await homeless.get("/profile-fields", { bindings }), 400)).detail).toMatch(/^active OU not set: /);
  });

  it("it opens its own organization and no other", async () => {
    const tenant = await mintTenant();
    const rival = await mintTenant();
    const only = await mintUnit(rival, "Only Theirs");
    const { bindings, token } = await mintProvider();
    const admin = caller(await token({ org: tenant.organization_id, role: "admin", ou: only }));
    await readProblem(await admin.get("/profile-fields", { bindings }), 404);
    await readProblem(await admin.get("/profile-fields", { bindings, headers: { "X-Org-Unit": only } }), 404);
    expect(await (await admin.get(UNITS, { bindings })).json()).toEqual([]);
    const roaming = caller(await token({ org: tenant.organization_id, role: "admin" }));
    expect(await (await roaming.get(UNITS, { bindings })).json()).toMatchObject([{ org_id: tenant.organization_id }]);
  });

  it("an organization that does not exist has nothing, and nothing can be created in it", async () => {
    const { bindings, token } = await mintProvider();
    const admin = caller(await token({ org: "org_unknown", role: "admin", ou: "unit_default" }));
    await readProblem(await admin.get("/profile-fields", { bindings }), 404);
    for (const answer of [
      await admin.post("/settings/tokens", { name: "t" }, { bindings }),
      await admin.post("/org-units/active", { ouId: "unit_default" }, { bindings }),
      await admin.post("/org-units", { name: "Mine" }, { bindings }),
    ]) {
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
    }
  });

  it.each([
    ["another issuer", { iss: "https://evil.example.com/" }, {}],
    ["another audience", { aud: "leadedge" }, {}],
    ["an expiry that has passed", { exp: 1 }, {}],
    ["no organization", { org: undefined }, {}],
    ["an organization that is no text", { org: ["org"] }, {}],
    ["no subject", { sub: undefined }, {}],
    ["a role that does not exist", { role: "owner" }, {}],
    ["an unknown key", {}, { kid: "unknown" }],
  ] as [string, JWTPayload, object][])("a token of theirs with %s opens nothing", async (_, claims, header) => {
    const { organization_id } = await mintTenant();
    const { bindings, token } = await mintProvider();
    await expectClosed(await caller(await token({ org: organization_id, ...claims }, header)).get(UNITS, { bindings }));
  });

  it("algorithms other than the pinned ones open nothing", async () => {
    const { organization_id } = await mintTenant();
    for (const alg of ["RS512", "PS256", "ES384"]) {
      const { bindings, token } = await mintProvider(alg);
      await expectClosed(await caller(await token({ org: organization_id })).get(UNITS, { bindings }));
    }
    const { bindings, fetched } = await mintProvider("RS256");
    const jwks = await (await fetch((bindings as unknown as Env).AUTH_JWKS_URL)).text();
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: "https://login.example.com/", aud: "leads", sub: "u", org: organization_id, exp: now + 600 };
    const hs = await new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "theirs" }).sign(new TextEncoder().encode(jwks));
    await expectClosed(await caller(hs).get(UNITS, { bindings }));
    expect(fetched.length).toBeGreaterThan(0);
  });

  it("where none is set, or only half of it, their tokens open nothing and nothing is fetched", async () => {
    const { organization_id } = await mintTenant();
    const { bindings, token, fetched } = await mintProvider();
    const client = caller(await token({ org: organization_id }));
    await expectClosed(await client.get(UNITS));
    for (const missing of ["AUTH_JWKS_URL", "AUTH_ISSUER", "AUTH_AUDIENCE"]) {
      await expectClosed(await client.get(UNITS, { bindings: { ...bindings, [missing]: "" } as Partial<Env> }));
    }
    expect(fetched).toEqual([]);
  });

  it("our own tokens and accounts still open beside it", async () => {
    const { organization_id, credential } = await mintTenant();
    const { bindings } = await mintProvider();
    expect((await bearerClient(await accessToken(credential)).get(UNITS, { bindings })).status).toBe(200);
    expect((await (await mintClient(organization_id)).get(UNITS, { bindings })).status).toBe(200);
  });

  it("a key set that cannot be had closes the door and breaks nothing", async () => {
    const { organization_id, client } = await mintTenant();
    const { bindings, token } = await mintProvider();
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("no network")));
    const { status } = await caller(await token({ org: organization_id })).get(UNITS, { bindings });
    expect([401, 503]).toContain(status);
    expect((await client.get(UNITS, { bindings })).status).toBe(200);
  });
});
