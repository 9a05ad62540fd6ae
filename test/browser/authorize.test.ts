/** A program asks to be let in: over signing in and consent to its own redirect address, as real clients do it. */
import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mintTenant, noBrowser, openConsole, openPage, origin, shoot } from "./support/console";

const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = createHash("sha256").update(VERIFIER).digest("base64url");
const REMOTE = "https://agent.example.net/callback";
const RESOURCE = `${origin}/mcp`;

let receiver: Server;
let redirectUri = "";
/** What the browser brought back. */
const received: URLSearchParams[] = [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const url = new URL(request.url ?? "/", redirectUri);
    if (url.pathname === "/callback") received.push(url.searchParams);
    response.setHeader("Content-Type", "text/html").end("<title>Agent</title><h1>Back at the agent</h1>");
  });
  await new Promise<void>((done) => receiver.listen(0, "127.0.0.1", done));
  redirectUri = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/callback`;
});
afterAll(() => new Promise((done) => receiver.close(done)));

async function postJson<Answer>(path: string, json: object): Promise<Answer> {
  const init = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(json) };
  return (await (await fetch(origin + path, init)).json()) as Answer;
}

/** A registered client, and where it sends a browser. */
async function startRequest(state: string, redirect_uri = redirectUri): Promise<{ client_id: string; url: string }> {
  const metadata = { client_name: "Acme Agent", redirect_uris: ["http://127.0.0.1/callback", REMOTE] };
  const { client_id } = await postJson<{ client_id: string }>("/oauth/register", metadata);
  const query = new URLSearchParams({
    response_type: "code",
    client_id,
    redirect_uri,
    scope: "viewer editor admin",
    state,
    code_challenge: CHALLENGE,
    code_challenge_method: "S256",
    resource: RESOURCE,
  });
  return { client_id, url: `${origin}/oauth/authorize?${query}` };
}

const returned = (state: string): URLSearchParams => {
  const found = received.find((parameters) => parameters.get("state") === state);
  if (!found) throw new Error(`nothing came back for ${state}`);
  return found;
};

describe.skipIf(noBrowser)("a program that wants to be let in", () => {
  it("gets a code after signing in and approval, and tokens for it; Settings disconnects it", async () => {
    const tenant = await mintTenant();
    const { client_id, url } = await startRequest("approved");
    const { page, errors, close } = await openPage();
    await page.goto(url);
    await page.getByLabel("Client id").fill(tenant.client_id);
    await page.getByLabel("Client secret").fill(tenant.client_secret);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: /^Acme Agent wants to work with the leads of / }).waitFor();
    await page.getByText("a program on this device").waitFor();
    expect(await page.getByLabel("Role").inputValue()).toBe("viewer");
    await shoot(page, "authorize");
    await page.getByLabel("Role").selectOption("editor");
    await page.getByRole("button", { name: "Approve" }).click();
    await page.getByRole("heading", { name: "Back at the agent" }).waitFor();
    const answer = returned("approved");
    expect(answer.get("iss")).toBe(origin);

    const body = new URLSearchParams({
      grant_type: "authorization_code",
      code: answer.get("code") ?? "",
      client_id,
      redirect_uri: redirectUri,
      code_verifier: VERIFIER,
      resource: RESOURCE,
    });
    const tokens = (await (await fetch(`${origin}/oauth/token`, { method: "POST", body })).json()) as Record<string, string>;
    expect(tokens).toMatchObject({
      token_type: "Bearer",
      scope: "editor",
      access_token: expect.any(String),
      refresh_token: expect.any(String),
    });

    await page.goto(`${origin}/console/settings`);
    const programs = page.getByRole("list", { name: "Connected programs" });
    await programs.getByText("Acme Agent").waitFor();
    await programs.getByText("name not verified").waitFor();
    await programs.getByText("Goes back to a program on somebody's device").waitFor();
    await programs.getByRole("button", { name: "Disconnect Acme Agent" }).click();
    await page.getByText("Acme Agent is disconnected").waitFor();
    const refresh = new URLSearchParams({ grant_type: "refresh_token", client_id, refresh_token: tokens.refresh_token ?? "" });
    const refused = await fetch(`${origin}/oauth/token`, { method: "POST", body: refresh });
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: "invalid_grant" }]);
    // before signing in, the console's first call is a 401
    expect(errors.filter((text) => !text.includes("401"))).toEqual([]);
    await close();
  });

  it("that named itself is shown with the host it returns to, and as not verified", async () => {
    const tenant = await mintTenant();
    const { url } = await startRequest("remote", REMOTE);
    const { page, close } = await openConsole("/console/", { tenant });
    await page.goto(url);
    const program = page.getByRole("definition").filter({ hasText: "Acme Agent" });
    await program.getByText("at agent.example.net").waitFor();
    await program.getByText("not verified").waitFor();
    await shoot(page, "authorize-not-verified");
    await close();
  });

  it("receives a denial, and a viewer can grant reading only", async () => {
    const tenant = await mintTenant({ role: "viewer" });
    const { url } = await startRequest("denied");
    const { page, close } = await openConsole("/console/", { tenant });
    await page.goto(url);
    await page.getByRole("heading", { name: /^Acme Agent wants to work/ }).waitFor();
    expect(await page.getByLabel("Role").locator("option").count()).toBe(1);
    await page.getByRole("button", { name: "Deny" }).click();
    await page.getByRole("heading", { name: "Back at the agent" }).waitFor();
    expect(Object.fromEntries(returned("denied"))).toMatchObject({ error: "access_denied", iss: origin });
    await close();
  });

  it("that is not known stays where it is: a page says why", async () => {
    const { page, close } = await openPage();
    await page.goto(`${origin}/oauth/authorize?client_id=unknown&redirect_uri=https%3A%2F%2Fevil.example.com`);
    await page.getByRole("heading", { name: "This program cannot be let in" }).waitFor();
    expect(page.url()).toContain(`${origin}/oauth/authorize`);
    await close();
  });
});
