import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { importLeads, mintTenant, noBrowser, openConsole, shoot } from "./support/console";

const ROWS = 120;
const LONG_MS = 120_000;
const CSV = `Email,First Name,Last Name,Company\n${Array.from({ length: ROWS }, (_, n) => `lead${n}@example.com,Alex,Number ${n},Acme\n`).join("")}`;
const FIELDS = { "First Name": "first_name", "Last Name": "last_name", Company: "company" };

describe.skipIf(noBrowser)("the list of leads", () => {
  it("shows leads page by page, searches as one types, and has an address for every view", async () => {
    const tenant = await mintTenant();
    await importLeads(tenant, CSV, FIELDS);
    const { page, errors, close } = await openConsole("/console/leads", { tenant });
    await page.getByText("120 in all").waitFor();
    expect(await page.locator("tbody tr").count()).toBe(50);
    for (const last of [99, 119]) {
      await page.locator(".table-scroll").evaluate((table) => table.scrollTo(0, table.scrollHeight));
      await page.locator("tbody tr").nth(last).waitFor({ state: "attached" });
    }
    await shoot(page, "leads");

    await page.getByLabel("Search", { exact: true }).fill("lead117");
    await page.getByRole("link", { name: "Alex Number 117" }).waitFor();
    await page.waitForURL(/\?q=lead117$/);
    await page.reload();
    await page.getByRole("link", { name: "Alex Number 117" }).waitFor();
    expect(await page.locator("tbody tr").count()).toBe(1);
    expect(errors).toEqual([]);
    await close();
  });

  it("works by keyboard: the palette finds a lead, arrows move between rows, columns are chosen", async () => {
    const tenant = await mintTenant();
    await importLeads(tenant, CSV.split("\n").slice(0, 4).join("\n"), FIELDS);
    const { page, close } = await openConsole("/console/leads", { tenant });
    const link = (n: number) => page.getByRole("link", { name: `Alex Number ${n}` });
    await link(2).focus();
    await page.keyboard.press("ArrowDown");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Alex Number 1");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("lead0");
    await page.getByRole("option", { name: /Alex Number 0/ }).waitFor();
    await shoot(page, "palette");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Columns" }).focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("Phone").check();
    await page.getByRole("columnheader", { name: "Phone" }).waitFor();
    await page.reload();
    await page.getByRole("columnheader", { name: "Phone" }).waitFor();
    await close();
  });

  it("changes the selected leads and takes it back; a view is saved and shown again", async () => {
    const tenant = await mintTenant();
    await importLeads(tenant, CSV.split("\n").slice(0, 4).join("\n"), FIELDS);
    const { page, close } = await openConsole("/console/leads", { tenant });
    await page.getByLabel("Select Alex Number 0").check();
    await page.getByLabel("Select Alex Number 2").check();
    await page.getByText("2 selected").waitFor();
    await page.getByLabel("New status").selectOption("lost");
    await shoot(page, "leads-selected");
    await page.getByRole("button", { name: "Set status" }).click();
    // a message stays while the pointer is on it
    await page.getByRole("button", { name: "Undo" }).hover();
    await page.getByText("2 leads changed").waitFor();
    await page.getByRole("row", { name: /Number 0 .* lost/ }).waitFor();
    await page.getByRole("row", { name: /Number 2 .* lost/ }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("2 leads as before").waitFor();
    await page.getByRole("row", { name: /Number 2 .* new/ }).waitFor();

    await page.getByRole("search").getByLabel("Status").selectOption("new");
    await page.waitForURL(/status=new/);
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByLabel("Name of this view").fill("Fresh");
    await page.getByRole("button", { name: "Save view" }).click();
    await page.getByRole("button", { name: "Fresh", exact: true }).waitFor();
    await shoot(page, "leads-views");
    await page.keyboard.press("Escape");
    await page.goto(page.url().replace(/\?.*/, ""));
    await page.getByRole("button", { name: "Views" }).click();
    await page.getByRole("button", { name: "Fresh", exact: true }).click();
    await page.waitForURL(/status=new/);
    await page.getByRole("link", { name: "Alex Number 2" }).waitFor();
    await close();
  });

  it(
    "gives the selected leads an owner and an account, deletes all that match, and takes that back",
    async () => {
      const tenant = await mintTenant();
      await importLeads(tenant, CSV.split("\n").slice(0, 61).join("\n"), FIELDS);
      const { page, close } = await openConsole("/console/leads?q=acme", { tenant });
      await page.getByRole("heading", { name: "No lead matches" }).waitFor();
      await page.getByLabel("Search", { exact: true }).fill("alex");
      await page.getByLabel("Select Alex Number 59").check();
      const change = async (what: string): Promise<void> => {
        await page.getByRole("button", { name: "Change", exact: true }).click();
        await page.getByRole("main").getByRole("button", { name: what, exact: true }).click();
      };
      await change("Owner");
      await page.getByLabel("Owner's id").fill("u_17");
      await page.getByRole("dialog").getByLabel("Name").fill("Sam Reyes");
      await page.getByRole("button", { name: "Set owner" }).click();
      await page.getByText("1 lead changed").waitFor();
      await page.getByLabel("Select Alex Number 59").check();
      await change("Account");
      await page.getByRole("dialog").getByLabel("Account").fill("Acme");
      await page.getByRole("button", { name: "Create “Acme”" }).click();
      const owned = async (): Promise<unknown> => {
        const { leads } = (await (await tenant.api("GET", "/leads?owner_id=u_17")).json()) as { leads: { lead_id: string }[] };
        return (await tenant.api("GET", `/lead/${leads[0]?.lead_id}`)).json();
      };
      await expect.poll(owned, { timeout: 30_000 }).toMatchObject({ owner_name: "Sam Reyes", account: { name: "Acme" } });

      await page.getByLabel("Select Alex Number 58").check();
      await page.getByRole("button", { name: "Select all that match" }).click();
      await page.getByText("All that match", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Delete" }).click();
      await page.getByText("60 leads deleted").waitFor({ timeout: 60_000 });
      await page.getByRole("heading", { name: "No lead matches" }).waitFor();
      await page.getByRole("button", { name: "Undo" }).last().focus();
      await page.keyboard.press("Enter");
      await page.getByText("60 leads as before").waitFor({ timeout: 60_000 });
      await page.getByRole("link", { name: "Alex Number 59" }).waitFor();
      await close();
    },
    LONG_MS,
  );

  it("is exported: the selected leads, or all that match", async () => {
    const tenant = await mintTenant();
    await importLeads(tenant, CSV.split("\n").slice(0, 4).join("\n"), FIELDS);
    const { page, close } = await openConsole("/console/leads", { tenant });
    const exported = async (press: () => Promise<void>): Promise<string[]> => {
      const download = page.waitForEvent("download");
      await press();
      const file = await download;
      expect(file.suggestedFilename()).toBe("leads.csv");
      return (await readFile(await file.path(), "utf8")).trim().split("\r\n").slice(1);
    };
    await page.getByLabel("Select Alex Number 1").check();
    expect(await exported(() => page.getByRole("button", { name: "Export selection" }).click())).toEqual([
      expect.stringContaining("lead1@example.com"),
    ]);
    await page.getByRole("button", { name: "Clear selection" }).click();
    // the palette offers what the page does
    const byPalette = async (): Promise<void> => {
      await page.keyboard.press("Control+k");
      await page.keyboard.type("export these");
      await page.getByRole("option", { name: "Export these leads" }).waitFor();
      await page.keyboard.press("Enter");
    };
    expect(await exported(byPalette)).toHaveLength(3);
    await close();
  });

  it("shows the members of a segment, and its address can be sent to somebody", async () => {
    const tenant = await mintTenant();
    await importLeads(tenant, CSV.split("\n").slice(0, 4).join("\n"), FIELDS);
    const rules = { type: "lead_metadata", field: "last_name", operator: "equals", value: "Number 2" };
    await tenant.api("POST", "/segments", { name: "Twos", rules });
    const { page, close } = await openConsole("/console/leads", { tenant });
    await page.getByRole("link", { name: "Alex Number 0" }).waitFor();
    await page.getByRole("search").getByLabel("Segment").selectOption({ label: "Twos" });
    await page.waitForURL(/segment=seg_/);
    await page.getByRole("link", { name: "Alex Number 0" }).waitFor({ state: "detached" });
    await page.reload();
    await page.getByRole("link", { name: "Alex Number 2" }).waitFor();
    expect(await page.locator("tbody tr").count()).toBe(1);
    await close();
  });

  it("fits a phone of 400 px: nothing is wider than the window", async () => {
    const tenant = await mintTenant();
    await importLeads(tenant, CSV.split("\n").slice(0, 4).join("\n"), FIELDS);
    const { page, close } = await openConsole("/console/leads", { tenant, viewport: { width: 400, height: 800 } });
    await page.getByRole("link", { name: "Alex Number 0" }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    await shoot(page, "leads-400px");
    await close();
  });
});
