/** Signing in with an identity provider: OpenID Connect's code flow with PKCE, against an issuer that checks what it is sent. */
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterEach, describe, expect, it, vi } from "vitest";
import { post } from "../support/console";
import { adminDelete, adminPost, mintTenant, ORIGIN } from "../support/tenant";
import { request } from "../support/worker";

afterEach(() => {
  vi.unstubAllGlobals();
});

const CLIENT_ID = "leadedge-console";

type Issuer = {
  issuer: string;
  jwks_url: string;
  /** what a person does at the provider: returns where its browser is sent back to */
  approve: (url: string, claims?: JWTPayload) => URL;
};

/** A provider: discovery, authorization with one-time codes, token endpoint with PKCE, key set. Others' requests are refused. */
async function startIssuer(): Promise<Issuer> {
  const issuer = `https://${crypto.randomUUID()}.example.com/`;
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  const codes = new Map<string, { challenge: string; redirect_uri: string; nonce: string; claims: JWTPayload }>();
  const token = async (form: URLSearchParams): Promise<Response> => {
    const code = form.get("code") ?? "";
    const given = codes.get(code);
    codes.delete(code);
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(form.get("code_verifier") ?? ""));
    const challenge = btoa(String.fromCharCode(...new Uint8Array(digest)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");
    const right =
      form.get("grant_type") === "authorization_code" &&
      form.get("client_id") === CLIENT_ID &&
      given?.challenge === challenge &&
      given.redirect_uri === form.get("redirect_uri");
    if (!right) return Response.json({ error: "invalid_grant" }, { status: 400 });
    const id_token = await new SignJWT({ sub: "alex", nonce: given.nonce, ...given.claims })
      .setProtectedHeader({ alg: "ES256", kid })
      .setIssuer(issuer)
      .setAudience(CLIENT_ID)
      .setIssuedAt()
      .setExpirationTime("5m")
      .sign(privateKey);
    return Response.json({ access_token: "opaque", token_type: "Bearer", id_token });
  };
  vi.stubGlobal("fetch", async (input: RequestInfo | URL, init?: RequestInit) => {
    const url = String(input instanceof Request ? input.url : input);
    if (url === `${issuer}.well-known/openid-configuration`) {
      const endpoints = { authorization_endpoint: `${issuer}authorize`, token_endpoint: `${issuer}token`, jwks_uri: `${issuer}jwks` };
      return Response.json({ issuer, ...endpoints });
    }
    if (url === `${issuer}jwks`) return Response.json({ keys: [{ ...jwk, kid, alg: "ES256", use: "sig" }] });
    if (url === `${issuer}token`) return token(init?.body as URLSearchParams);
    return new Response(null, { status: 404 });
  });
  const approve: Issuer["approve"] = (url, claims = {}) => {
    const { origin, pathname, searchParams: asked } = new URL(url);
    expect([origin + pathname, asked.get("response_type"), asked.get("client_id"), asked.get("code_challenge_method")]).toEqual([
      `${issuer}authorize`,
      "code",
      CLIENT_ID,
      "S256",
    ]);
    const code = crypto.randomUUID();
    const redirect_uri = asked.get("redirect_uri") ?? "";
    codes.set(code, { challenge: asked.get("code_challenge") ?? "", redirect_uri, nonce: asked.get("nonce") ?? "", claims });
    const back = new URL(redirect_uri);
    back.searchParams.set("code", code);
    back.searchParams.set("state", asked.get("state") ?? "");
    back.searchParams.set("iss", issuer);
    return back;
  };
  return { issuer, jwks_url: `${issuer}jwks`, approve };
}

/** An organization whose provider is the issuer. */
async function mintMapped() {
  const { organization_id } = await mintTenant();
  const issuer = await startIssuer();
  const { identity_provider_id } = await adminPost<{ identity_provider_id: string }>(
    `/admin/organizations/${organization_id}/identity-providers`,
    { issuer: issuer.issuer, jwks_url: issuer.jwks_url, audience: CLIENT_ID },
  );
  return { organization_id, identity_provider_id, ...issuer };
}

const cookiesOf = (answer: Response): Record<string, string> =>
  Object.fromEntries(answer.headers.getSetCookie().map((cookie) => cookie.split(";")[0]?.split("=") as [string, string]));

const start = (query: Record<string, string>, bindings: Partial<Env> = {}): Promise<Response> =>
  request(`/console/provider/start?${new URLSearchParams(query)}`, { redirect: "manual" }, bindings);

const comeBack = (back: URL, carried: string, bindings: Partial<Env> = {}): Promise<Response> =>
  request(back.pathname + back.search, { redirect: "manual", headers: { Cookie: `leadedge-sign-in=${carried}` } }, bindings);

describe("signing in with an identity provider", () => {
  it("an organization's own: there and back, and the session is the provider's user with its role", async () => {
    const { organization_id, approve } = await mintMapped();
    const sent = await start({ organization: organization_id, to: "/console/leads?q=alex" });
    expect(sent.status).toBe(302);
    expect(sent.headers.getSetCookie()[0]).toMatch(/HttpOnly; SameSite=Lax/);
    const back = approve(sent.headers.get("Location") ?? "", { role: "editor" });
    expect(back.origin).toBe(ORIGIN);
    const done = await comeBack(back, cookiesOf(sent)["leadedge-sign-in"] ?? "");
    expect([done.status, done.headers.get("Location")]).toEqual([302, "/console/leads?q=alex"]);
    const { leadedge } = cookiesOf(done);
    const current = await post("session.current", {}, { Cookie: `leadedge=${leadedge}` });
    expect(await current.json()).toMatchObject({ actor_id: "alex", role: "editor", organization_id });
  });

  it("that of the settings opens the organization that its token names", async () => {
    const { organization_id } = await mintTenant();
    const { issuer, jwks_url, approve } = await startIssuer();
    const settings = { AUTH_ISSUER: issuer, AUTH_JWKS_URL: jwks_url, AUTH_AUDIENCE: CLIENT_ID, AUTH_ORGANIZATIONS: "*" };
    expect(await (await post("options", {}, {}, settings)).json()).toEqual({ provider: true });
    expect(await (await post("options", {})).json()).toEqual({ provider: false });
    const sent = await start({}, settings);
    const done = await comeBack(
      approve(sent.headers.get("Location") ?? "", { org: organization_id }),
      cookiesOf(sent)["leadedge-sign-in"] ?? "",
      settings,
    );
    expect(done.headers.get("Location")).toBe("/console/");
    const cookie = { Cookie: `leadedge=${cookiesOf(done).leadedge}` };
    expect(await (await post("session.current", {}, cookie, settings)).json()).toMatchObject({ organization_id, role: "viewer" });
    // the operator has taken the provider out of the settings
    expect((await post("session.current", {}, cookie)).status).toBe(401);
  });

  it("another browser's answer, a code that was used, another provider's, or one that was tampered with opens nothing", async () => {
    const { organization_id, approve } = await mintMapped();
    const sent = await start({ organization: organization_id });
    const carried = cookiesOf(sent)["leadedge-sign-in"] ?? "";
    const url = sent.headers.get("Location") ?? "";
    const changed = (name: string, value: string): URL => {
      const back = approve(url);
      back.searchParams.set(name, value);
      return back;
    };
    const used = approve(url);
    expect((await comeBack(used, carried)).headers.get("Location")).toBe("/console/");
    const otherNonce = new URL(url);
    otherNonce.searchParams.set("nonce", "another");
    const attempts: [URL, string][] = [
      [used, carried],
      [approve(url), ""],
      [approve(url), "made.up.cookie"],
      [approve(url), cookiesOf(await start({ organization: organization_id }))["leadedge-sign-in"] ?? ""],
      [changed("state", "another"), carried],
      [changed("iss", "https://evil.example/"), carried],
      [changed("code", "made-up"), carried],
      [approve(otherNonce.href), carried],
      [approve(url, { azp: "another-client" }), carried],
      [approve(url, { org: "org_another" }), carried],
    ];
    for (const [back, cookie] of attempts) {
      const answer = await comeBack(back, cookie);
      expect(answer.headers.get("Location"), back.href).toBe("/console/?sign-in=unauthenticated");
      expect(cookiesOf(answer).leadedge).toBeUndefined();
    }
  });

  it("an organization without a provider, and one whose provider is away, say so; nobody is sent to another site", async () => {
    const { organization_id } = await mintTenant();
    expect((await start({ organization: organization_id })).headers.get("Location")).toBe("/console/?sign-in=not_found");
    const mapped = await mintMapped();
    for (const to of ["https://evil.example/", "//evil.example", "/console/..//evil.example/x\\y", "/docs"]) {
      const sent = await start({ organization: mapped.organization_id, to });
      const done = await comeBack(mapped.approve(sent.headers.get("Location") ?? ""), cookiesOf(sent)["leadedge-sign-in"] ?? "");
      expect(new URL(done.headers.get("Location") ?? "", ORIGIN).href, to).toMatch(/^http:\/\/leadedge\.test\/console\//);
    }
    const away = await mintMapped();
    vi.stubGlobal("fetch", async () => new Response(null, { status: 502 }));
    expect((await start({ organization: away.organization_id })).headers.get("Location")).toBe("/console/?sign-in=unavailable");
  });

  it("sessions end with the provider", async () => {
    const { organization_id, identity_provider_id, approve } = await mintMapped();
    const sent = await start({ organization: organization_id });
    const done = await comeBack(approve(sent.headers.get("Location") ?? ""), cookiesOf(sent)["leadedge-sign-in"] ?? "");
    const cookie = { Cookie: `leadedge=${cookiesOf(done).leadedge}` };
    expect((await post("session.current", {}, cookie)).status).toBe(200);
    expect(await adminDelete(`/admin/organizations/${organization_id}/identity-providers/${identity_provider_id}`)).toBe(204);
    expect((await post("session.current", {}, cookie)).status).toBe(401);
  });
});
