/** The operator's part of the console: signing in with the token of /admin, organizations, limits, partner channels, health, the audit log. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { expectNoAxeViolations, mintTenant, noBrowser, type Opened, openConsole, openPage, origin, shoot } from "./support/console";

const TOKEN = "demo-admin-token";
const NARROW = { width: 400, height: 800 };

const admin = async <Answer>(method: string, path: string, json?: unknown): Promise<Answer> => {
  const answer = await fetch(origin + path, {
    method,
    headers: { Authorization: `Bearer ${TOKEN}`, ...(json === undefined ? {} : { "Content-Type": "application/json" }) },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });
  if (!answer.ok) throw new Error(`${path} returned ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Answer;
};

describe.skipIf(noBrowser)("the operator's console", () => {
  let opened: Omit<Opened, "tenant">;
  beforeEach(async () => {
    opened = await openPage();
  });
  afterEach(async () => {
    expect(opened.errors.filter((text) => !/status of 40[01]/.test(text))).toEqual([]);
    await opened.close();
  });

  const signIn = async (path = "/console/operator"): Promise<void> => {
    const { page } = opened;
    await page.goto(origin + path);
    await page.getByLabel("Operator's token").fill(TOKEN);
    await page.getByRole("button", { name: "Sign in" }).click();
  };

  it("opens with the token of /admin alone, at the address that was asked for; it shows no leads, and an organization's session none of it", async () => {
    const { page } = opened;
    await page.goto(`${origin}/console/operator/health`);
    await page.getByLabel("Operator's token").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("This is not the operator's token").waitFor();
    await shoot(page, "operator-sign-in");
    await page.getByLabel("Operator's token").fill(TOKEN);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Health" }).waitFor();
    const names = await page.getByRole("navigation", { name: "Console" }).getByRole("link").allInnerTexts();
    expect(names).toEqual(["Organizations", "Partner channels", "Health", "Audit log", "Sessions"]);
    await page.goto(`${origin}/console/leads`);
    await page.getByLabel("Client id").waitFor();
    await page.getByRole("link", { name: "Sign in as the operator" }).click();
    await page.getByRole("heading", { name: "Organizations" }).waitFor();

    const member = await openConsole("/console/leads");
    await member.page.getByRole("heading", { name: "Leads" }).waitFor();
    expect(await member.page.getByRole("navigation", { name: "Console" }).innerText()).not.toContain("Organizations");
    await member.page.goto(`${origin}/console/operator`);
    await member.page.getByLabel("Operator's token").waitFor();
    await member.close();
  });

  it("creates an organization, changes a limit and takes it back, creates a credential, and deletes the organization", async () => {
    const { page } = opened;
    const name = `Acme ${crypto.randomUUID().slice(0, 8)}`;
    await signIn();
    await page.getByRole("button", { name: "New organization" }).click();
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByText("must be 1 to 200 characters").waitFor();
    await page.getByLabel("Name").fill(name);
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByRole("heading", { name }).waitFor();

    const leads = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "Leads" }) });
    await page.getByRole("button", { name: "Change limits of Default" }).click();
    await page.getByLabel("Leads").fill("1234");
    await page.getByRole("button", { name: "Save" }).click();
    await leads.getByText("1,234").waitFor();
    await shoot(page, "operator-organization");
    await page.getByRole("button", { name: "Undo" }).click();
    await leads.getByText("5,000,000").waitFor();

    await page.getByRole("button", { name: "New credential" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("First admin");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    const secret = page.getByRole("dialog", { name: "Secret of First admin" });
    await secret.getByText("Copy it now").waitFor();
    await secret.getByRole("button", { name: "I have copied it" }).click();
    await page.getByRole("list", { name: "Credentials" }).getByText("First admin").waitFor();

    await page.setViewportSize(NARROW);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(NARROW.width);
    await shoot(page, "operator-organization-400");
    await page.setViewportSize({ width: 1280, height: 800 });

    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("button", { name: "Delete for good" }).click();
    await page.getByText("Nothing was deleted").waitFor();
    await page.getByLabel(/Type .* to confirm/).fill(name);
    await page.getByRole("button", { name: "Delete for good" }).click();
    await page.getByRole("heading", { name: `${name} is deleted` }).waitFor();
    await page.getByRole("button", { name: "Go to the organizations" }).click();
    await page.getByLabel("Search", { exact: true }).fill(name);
    await page.getByRole("heading", { name: "No organization matches" }).waitFor();
    await shoot(page, "operator-organizations-empty");
  });

  it("creates a partner channel with a secret that is shown once, and its statuses, properties and rewards; it ends it and opens it again", async () => {
    const { page } = opened;
    const { organization_id } = await mintTenant();
    await signIn(`/console/operator/channels?organization=${organization_id}&unit=unit_default`);
    await page.getByRole("heading", { name: "No channel here" }).waitFor();
    await page.getByRole("button", { name: "New channel" }).click();
    await page.getByLabel("Title").fill("Referrals");
    await page.getByLabel("Currency").fill("euro");
    await page.getByLabel("Webhook of new leads").fill("https://hooks.example.com/new");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByText("must be an ISO 4217 code such as USD").waitFor();
    await page.getByLabel("Currency").fill("EUR");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByText(/^whsec_/).waitFor();
    await page.getByRole("button", { name: "I have copied it" }).click();
    await page.getByRole("heading", { name: "Referrals" }).waitFor();

    await page.getByRole("button", { name: "New status" }).click();
    await page.getByLabel("Name").fill("Won");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("list", { name: "Statuses" }).getByText("Won").waitFor();
    await page.getByRole("button", { name: "New property" }).click();
    await page.getByLabel("Name").fill("Deal size");
    await page.getByLabel("Type").fill("number");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("list", { name: "Properties" }).getByText("Deal size").waitFor();

    await page.getByRole("button", { name: "New reward trigger" }).click();
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByText("Enter a number").first().waitFor();
    await page.getByLabel("Amount").fill("12.5");
    await page.getByRole("button", { name: "Create", exact: true }).click();
    await page.getByText("A new lead: €12.50").waitFor();
    await page.getByRole("button", { name: "Switch off A new lead: €12.50" }).click();
    await page.getByText("switched off", { exact: true }).waitFor();

    await page.getByRole("button", { name: "Change settings" }).click();
    await page.getByLabel("Title").fill("Partners");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Partners" }).waitFor();
    await page.getByRole("button", { name: "End", exact: true }).click();
    await page.getByText("ended", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Open again" }).click();
    await page.getByText("open", { exact: true }).waitFor();
    await shoot(page, "operator-channel");
    await page.setViewportSize(NARROW);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(NARROW.width);
    await shoot(page, "operator-channel-400");
    await page.goto(`${origin}/console/operator/audit`);
    await page.getByRole("cell", { name: "operator" }).first().waitFor();
    await page.getByText("channel changed").first().waitFor();
    await shoot(page, "operator-audit");
  });

  it("takes a reward back, once", async () => {
    const { page } = opened;
    const { organization_id } = await mintTenant();
    const home = { organization_id, unit_id: "unit_default" };
    const channel = await admin<{ channel_id: string }>("POST", "/admin/channels", { title: "Paying", home, creator: organization_id });
    const path = `/admin/channels/${channel.channel_id}`;
    await admin("POST", `${path}/reward-triggers`, { kind: "purchase", amount_type: "percentage", amount: 10 });
    const { api_key } = await admin<{ api_key: string }>("POST", `/admin/organizations/${organization_id}/credentials`, {
      kind: "partner_key",
      name: "partner",
    });
    const partner = async (json: object): Promise<{ lead: { id: string } }> => {
      const headers = { "X-Api-Key": api_key, "Content-Type": "application/json" };
      return (await (await fetch(`${origin}/partner`, { method: "POST", headers, body: JSON.stringify(json) })).json()) as never;
    };
    const { lead } = await partner({ action: "create_lead", channel_id: channel.channel_id, email: "alex@example.com" });
    await partner({ action: "create_purchase", lead_id: lead.id, purchase_amount: 99 });
    await signIn(`/console/operator/channels/${channel.channel_id}`);
    await page.getByRole("button", { name: /^Take US\$9\.90 back/ }).click();
    await page.getByRole("button", { name: "Take it back" }).click();
    await page.getByText("taken back", { exact: true }).waitFor();
    await page.getByText("-US$9.90").waitFor();
    await expectNoAxeViolations(page);
    const { reward_events } = await admin<{ reward_events: { amount: number }[] }>("GET", `${path}/reward-events`);
    expect(reward_events.map(({ amount }) => amount)).toEqual([-9.9, 9.9]);
  });

  it("shows health and goes on after signing out everywhere, without losing what was typed", async () => {
    const { page } = opened;
    await signIn("/console/operator/health");
    await page.getByText("ready", { exact: true }).waitFor();
    await page.getByRole("heading", { name: "Dead letters" }).waitFor();
    await shoot(page, "operator-health");
    const other = await page.context().newPage();
    await other.goto(`${origin}/console/operator/organizations`);
    await other.getByRole("button", { name: "New organization" }).click();
    await other.getByLabel("Name").fill("Typed before");
    await page.getByRole("link", { name: "Sessions" }).click();
    await page.getByText("this browser").waitFor();
    await shoot(page, "operator-sessions");
    await page.getByRole("button", { name: "Sign out everywhere" }).click();
    await page.getByLabel("Operator's token").waitFor();
    await other.getByRole("button", { name: "Create", exact: true }).click();
    const again = other.getByRole("dialog", { name: "Sign in again" });
    await again.getByLabel("Operator's token").fill(TOKEN);
    await again.getByRole("button", { name: "Sign in" }).click();
    await other.getByRole("heading", { name: "Typed before" }).waitFor();
  });

  it("is used by keyboard alone: the palette leads to every page, and finds no leads", async () => {
    const { page } = opened;
    await signIn();
    await page.getByRole("heading", { name: "Organizations" }).waitFor();
    await page.keyboard.press("Control+k");
    await page.keyboard.type("audit");
    await page.getByRole("option", { name: "Go to Audit log" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Audit log" }).waitFor();
    await shoot(page, "operator-audit-log");
    await page.setViewportSize({ width: 3840, height: 2160 });
    await expectNoAxeViolations(page);
  });
});
