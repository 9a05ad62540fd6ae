import { describe, expect, it } from "vitest";
import { importLeads, mintTenant, noBrowser, openConsole, shoot } from "./support/console";

const ROWS = 120;
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
    await page.getByText("2 leads are as they were").waitFor();
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
