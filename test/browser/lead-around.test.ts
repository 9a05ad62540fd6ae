/** What surrounds a lead on its page: account, segments, firings and deliveries, its partner channel; and removing it. */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { mintMember, mintTenant, noBrowser, openConsole, shoot, type Tenant } from "./support/console";

async function mintJane({ api }: Tenant): Promise<string> {
  const aliases = [{ kind: "email", value: "jane@example.com" }];
  const answer = await api("POST", "/leads", { aliases, metadata: { name: "Jane Doe", plan: "pro" } });
  return ((await answer.json()) as { lead_id: string }).lead_id;
}

describe.skipIf(noBrowser)("the page of a lead", () => {
  it("shows which triggers have fired and what was sent, its segments, and links it to an account and back", async () => {
    const tenant = await mintTenant();
    const leadId = await mintJane(tenant);
    const { id } = (await (await tenant.api("POST", "/engagement-scoring/rulesets", { name: "E" })).json()) as { id: string };
    await tenant.api("POST", `/engagement-scoring/rulesets/${id}/rules`, { event_type: "Page View", weight: 60 });
    await tenant.api("POST", "/triggers", { name: "Hot lead", score_threshold: 50, webhook_url: "https://hooks.example.com/hot" });
    const rules = { type: "lead_metadata", field: "plan", operator: "equals", value: "pro" };
    await tenant.api("POST", "/segments", { name: "Pro plan", rules });
    await tenant.api("POST", "/ingest", { alias_kind: "email", alias: "jane@example.com", event_type: "Page View" });
    for (;;) {
      const fired = (await (await tenant.api("GET", "/milestone-events")).json()) as { total: number };
      if (fired.total > 0) break;
      await new Promise((done) => setTimeout(done, 100));
    }
    const { page, close } = await openConsole(`/console/leads/${leadId}`, { tenant });
    const triggers = page.getByRole("region", { name: "Triggers" });
    await triggers.getByText("Hot lead").waitFor();
    await triggers.getByText("at a score of 60").waitFor();
    await page.getByRole("region", { name: "Segments" }).getByRole("link", { name: "Pro plan" }).waitFor();

    const account = page.getByRole("region", { name: "Account" });
    await account.getByRole("button", { name: "Link to an account" }).click();
    await page.getByRole("dialog").getByLabel("Account").fill("Acme");
    await page.getByRole("button", { name: "Create “Acme”" }).click();
    await account.getByRole("link", { name: "Acme" }).waitFor();
    await shoot(page, "lead-around");
    await account.getByRole("button", { name: "Unlink" }).click();
    await account.getByText("linked to no account").waitFor();
    await page.getByRole("button", { name: "Undo" }).last().click();
    await account.getByRole("link", { name: "Acme" }).waitFor();

    await triggers.getByRole("link", { name: "milestone.fired" }).click();
    await page.getByRole("dialog", { name: "Delivery" }).getByText("milestone.fired").first().waitFor();
    await close();
  });

  it("is deleted, and back with its page when that is undone", async () => {
    const tenant = await mintTenant();
    const leadId = await mintJane(tenant);
    const { page, close } = await openConsole(`/console/leads/${leadId}`, { tenant });
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByText("Jane Doe deleted").waitFor();
    await page.getByRole("heading", { name: "No leads yet" }).waitFor();
    // a message stays while the focus is on it
    await page.getByRole("button", { name: "Undo" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("1 lead as before").waitFor();
    await page.getByRole("heading", { name: "Jane Doe", level: 1 }).waitFor();
    await page.getByRole("button", { name: "Remove jane@example.com" }).waitFor();
    await close();
  });

  it("is erased only after the word is typed, leaves a receipt to download, and is gone", async () => {
    const tenant = await mintTenant();
    const leadId = await mintJane(tenant);
    const { page, close } = await openConsole(`/console/leads/${leadId}`, { tenant });
    await page.getByRole("button", { name: "Erase this person" }).click();
    const dialog = page.getByRole("dialog", { name: "Erase Jane Doe" });
    await dialog.getByText("This cannot be undone").waitFor();
    await dialog.getByRole("button", { name: "Erase for good" }).click();
    await dialog.getByText("Nothing was erased").waitFor();
    expect((await tenant.api("GET", `/lead/${leadId}`)).status).toBe(200);
    await shoot(page, "lead-erase");
    await dialog.getByLabel("Type “erase” to confirm").fill("erase");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "This person was erased" }).waitFor();
    await shoot(page, "lead-erased");
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download the receipt" }).click();
    const receipt = JSON.parse(await readFile(await (await download).path(), "utf8"));
    expect(receipt).toMatchObject({ lead_id: leadId, status: "erased", suppressed: 1, signature: expect.any(String) });
    expect((await tenant.api("GET", `/lead/${leadId}`)).status).toBe(404);
    await close();
  });

  it("shows a viewer no button that would be refused", async () => {
    const tenant = await mintTenant();
    const leadId = await mintJane(tenant);
    const viewer = await mintMember(tenant.organization_id, { role: "viewer" });
    const { page, close } = await openConsole(`/console/leads/${leadId}`, { tenant: viewer });
    await page.getByText("linked to no account").waitFor();
    await page.getByText("No trigger has fired").waitFor();
    const buttons = page.getByRole("main").getByRole("button");
    expect(await buttons.evaluateAll((all) => all.map((each) => each.textContent || each.getAttribute("aria-label")))).toEqual([
      "Copy the lead's id",
    ]);
    await close();
  });
});
