import { describe, expect, it } from "vitest";
import { mintTenant, noBrowser, openConsole, shoot, type Tenant } from "./support/console";

const PHONE = "+491701234567";

async function mintJane(tenant: Tenant): Promise<string> {
  const aliases = [
    { kind: "email", value: "jane@example.com" },
    { kind: "phone", value: PHONE },
  ];
  const answer = await tenant.api("POST", "/leads", { aliases, metadata: { first_name: "Jane", last_name: "Doe", company: "Acme" } });
  return ((await answer.json()) as { lead_id: string }).lead_id;
}

const patchJane = (tenant: Tenant, attributes: object): Promise<Response> =>
  tenant.api("PATCH", "/lead/by-alias/metadata", { alias_value: "jane@example.com", attributes });

async function metadataOf(tenant: Tenant, leadId: string): Promise<Record<string, unknown>> {
  return ((await (await tenant.api("GET", `/lead/${leadId}`)).json()) as { metadata: Record<string, unknown> }).metadata;
}

/** Waits until the lead's event has been scored. */
async function scored(tenant: Tenant, email: string): Promise<void> {
  for (;;) {
    const answer = await tenant.api("GET", `/lead/by-alias?kind=email&value=${email}`);
    const { lead_id } = (await answer.json()) as { lead_id: string };
    const lead = (await (await tenant.api("GET", `/lead/${lead_id}`)).json()) as { score: number };
    if (lead.score > 0) return;
    await new Promise((done) => setTimeout(done, 100));
  }
}

describe.skipIf(noBrowser)("the page of a lead", () => {
  it("a lead is found by phone and edited while another client edits it: both values are shown, nothing is overwritten unseen", async () => {
    const tenant = await mintTenant();
    const leadId = await mintJane(tenant);
    const { page, errors, close } = await openConsole("/console/leads", { tenant });
    await page.getByLabel("Search", { exact: true }).fill("+49 170 123 45 67");
    await page.waitForURL(/\?q=/);
    await page.getByRole("link", { name: "Jane Doe" }).click();
    await page.getByRole("heading", { name: "Jane Doe", level: 1 }).waitFor();
    await page.getByText("No event of this lead has matched").waitFor();
    await shoot(page, "lead");

    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Company").fill("Acme Corp");
    await page.getByLabel("Job title").fill("Engineer");
    // another client: one field that is edited here, too, and one that is not
    expect((await patchJane(tenant, { company: "Acme GmbH", last_name: "Miller" })).status).toBe(200);
    await page.getByRole("button", { name: "Save" }).click();
    const conflict = page.getByRole("region", { name: "Changed by somebody else" });
    await conflict.getByText("Acme Corp").waitFor();
    await conflict.getByText("Acme GmbH").waitFor();
    expect(await metadataOf(tenant, leadId)).toMatchObject({ company: "Acme GmbH" });
    await shoot(page, "lead-conflict");

    await page.getByLabel("Saved by somebody else: Acme GmbH").check();
    await page.getByRole("button", { name: "Save" }).click();
    // a message stays while the pointer is on it
    await page.getByRole("button", { name: "Undo" }).hover();
    await page.getByText("Saved", { exact: true }).waitFor();
    expect(await metadataOf(tenant, leadId)).toMatchObject({ company: "Acme GmbH", last_name: "Miller", title: "Engineer" });

    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("The change was taken back").waitFor();
    expect(await metadataOf(tenant, leadId)).not.toHaveProperty("title");
    // the refused save is written by the browser itself
    expect(errors.filter((error) => !error.includes("412"))).toEqual([]);
    await close();
  });

  it("another client's change of other fields and one's own are both kept, without a question", async () => {
    const tenant = await mintTenant();
    const leadId = await mintJane(tenant);
    const { page, close } = await openConsole(`/console/leads/${leadId}`, { tenant });
    await page.getByRole("button", { name: "Edit" }).click();
    await page.getByLabel("Job title").fill("Engineer");
    await patchJane(tenant, { company: "Acme GmbH" });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved", { exact: true }).waitFor();
    expect(await metadataOf(tenant, leadId)).toMatchObject({ company: "Acme GmbH", title: "Engineer" });
    await close();
  });

  it("works by keyboard, and a session that expires in mid-form loses nothing", async () => {
    const tenant = await mintTenant();
    const leadId = await mintJane(tenant);
    const { page, close } = await openConsole(`/console/leads/${leadId}`, { tenant });
    await page.getByRole("button", { name: "Edit" }).focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("Company").focus();
    await page.keyboard.press("Control+a");
    await page.keyboard.type("Acme Corp");
    await page.context().clearCookies();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Client id").fill(tenant.client_id);
    await dialog.getByLabel("Client secret").fill(tenant.client_secret);
    await page.keyboard.press("Enter");
    await page.getByText("Saved", { exact: true }).waitFor();
    expect(await metadataOf(tenant, leadId)).toMatchObject({ company: "Acme Corp" });
    await close();
  });

  it("another lead is merged with a preview and unmerged again, by keyboard, and the score is explained", async () => {
    const tenant = await mintTenant();
    const leadId = await mintJane(tenant);
    const ruleset = (await (await tenant.api("POST", "/engagement-scoring/rulesets", { name: "Engagement" })).json()) as { id: string };
    await tenant.api("POST", `/engagement-scoring/rulesets/${ruleset.id}/rules`, { event_type: "Page View", weight: 10 });
    await tenant.api("POST", "/leads", { aliases: [{ kind: "email", value: "jd@example.com" }], metadata: { name: "J. Doe" } });
    await tenant.api("POST", "/ingest", {
      alias_kind: "email",
      alias: "jd@example.com",
      event_type: "Page View",
      metadata: { page: "/prices" },
    });
    await scored(tenant, "jd@example.com");
    const { page, close } = await openConsole(`/console/leads/${leadId}`, { tenant });
    const timeline = page.getByRole("region", { name: /^Timeline/ });
    await page.getByRole("button", { name: "Merge" }).focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await page.keyboard.type("jd@example.com");
    await dialog.getByRole("button", { name: "Choose J. Doe" }).focus();
    await page.keyboard.press("Enter");
    await dialog.getByText("1 move", { exact: true }).waitFor();
    await shoot(page, "lead-merge");
    await dialog.getByRole("button", { name: "Merge" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("J. Doe was merged").waitFor();
    await page.getByRole("button", { name: "Remove jd@example.com" }).waitFor();
    await timeline.getByText("page view").click();
    await timeline.getByText("/prices").waitFor();
    await page.getByText(/^1 × 10 = 10/).waitFor();
    await shoot(page, "lead-merged");

    await page.getByRole("button", { name: "Unmerge" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("The merge was taken back").waitFor();
    await page.getByRole("button", { name: "Remove jd@example.com" }).waitFor({ state: "detached" });
    await close();
  });

  it("fits a phone of 400 px", async () => {
    const tenant = await mintTenant();
    const leadId = await mintJane(tenant);
    const { page, close } = await openConsole(`/console/leads/${leadId}`, { tenant, viewport: { width: 400, height: 800 } });
    await page.getByRole("button", { name: "Edit" }).waitFor();
    await page.getByText("No event of this lead has matched").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    await shoot(page, "lead-400px");
    await close();
  });
});
