import { describe, expect, it } from "vitest";
import { writeXlsx } from "../../src/core/spreadsheets";
import { mintTenant, noBrowser, openConsole, shoot } from "./support/console";

const ROWS = 5_000;
const BAD_ROWS = 20;
const LONG_MS = 240_000;
const HEADERS = ["Email", "First Name", "Last Name", "Company"];
const isBad = (at: number): boolean => at % (ROWS / BAD_ROWS) === 7;

/** A workbook as people send them: some of its addresses are none. */
async function workbook(): Promise<Buffer> {
  const cells = (at: number) => [isBad(at) ? `no address ${at}` : `person${at}@example.com`, "Alex", `Number ${at}`, "Acme"];
  const rows = Array.from({ length: ROWS }, (_, at) => ({ cells: cells(at) }));
  return Buffer.from(await new Response(writeXlsx(HEADERS, rows, { sheet: "Leads" })).arrayBuffer());
}

describe.skipIf(noBrowser)("importing", () => {
  it(
    "an Excel file of 5,000 rows with 20 bad ones: ten are corrected before, the rest after; then all of it is undone",
    async () => {
      const { page, tenant, errors, close } = await openConsole("/console/import");
      await page.getByRole("heading", { name: "Nothing imported yet" }).waitFor();
      await shoot(page, "import");
      await page
        .getByLabel("File to import")
        .setInputFiles({ name: "people.xlsx", mimeType: "application/octet-stream", buffer: await workbook() });

      await page.getByRole("heading", { name: "people.xlsx", level: 1 }).waitFor();
      await page.getByText("5,000 rows, 4 columns").waitFor();
      expect(await page.getByLabel("Email becomes").inputValue()).toBe("_alias_email");
      expect(await page.getByLabel("Company becomes").inputValue()).toBe("company");
      await shoot(page, "import-mapping");
      await page.getByRole("button", { name: "See what it will do" }).click();

      await page.getByRole("heading", { name: "20 rows need a look" }).waitFor();
      await page.getByRole("button", { name: "Import 4,980 leads" }).waitFor();
      await shoot(page, "import-plan");
      const correctTen = async (grid: string, name: string): Promise<void> => {
        for (let corrected = 0; corrected < 10; corrected++) {
          await page.getByRole("grid", { name: grid }).locator("[role=gridcell][aria-invalid]").first().click();
          await page.keyboard.type(`${name}${corrected}@example.com`);
          await page.keyboard.press("Enter");
        }
      };
      await correctTen("20 rows need a look", "mended");
      await page.getByRole("button", { name: "Correct 10 cells and plan again" }).click();
      await page.getByRole("heading", { name: "10 rows need a look" }).waitFor();
      await page.getByRole("button", { name: "Import 4,990 leads" }).click();

      await page.waitForURL(/\/console\/import\/jobs\/job_/);
      const jobUrl = page.url();
      await page.getByRole("region", { name: "Result" }).waitFor();
      // coming back shows where it stands
      await page.reload();
      await page.getByRole("heading", { name: "10 rows to correct" }).waitFor();
      await shoot(page, "import-result");
      await correctTen("10 rows to correct", "late");
      await page.getByRole("button", { name: "Import the rows of 10 corrections" }).click();
      await page.getByRole("button", { name: "Import 10 leads" }).click();
      await page.waitForURL(/\/console\/import\/jobs\/job_/);
      await page.getByRole("region", { name: "Result" }).waitFor();
      const list = await tenant.api("GET", "/leads?limit=1&count=true");
      expect(((await list.json()) as { total: number }).total).toBe(ROWS);

      await page.goto(jobUrl);
      await page.getByRole("region", { name: "Result" }).waitFor();
      expect(await page.getByRole("heading", { name: /to correct/ }).count()).toBe(0);
      await page.getByRole("button", { name: "Undo this import" }).click();
      const dialog = page.getByRole("dialog", { name: "Undo this import" });
      await dialog.getByText(/removes 4,990 leads/).waitFor();
      await shoot(page, "import-undo");
      await dialog.getByRole("button", { name: "Undo it" }).click();
      await page.getByText(/Undone: removed 4,990 leads/).waitFor({ timeout: 60_000 });
      expect(errors).toEqual([]);
      await close();
    },
    LONG_MS,
  );

  it("a file is read again with another delimiter, and what was decided about a file survives going back", async () => {
    const { page, close } = await openConsole("/console/import");
    const buffer = Buffer.from("Mail;Company\njane@example.com;Acme, Inc\n");
    await page.getByLabel("File to import").setInputFiles({ name: "few.csv", mimeType: "text/csv", buffer });
    await page.getByText("1 row, 2 columns").waitFor();
    await page.getByText("How the file is read").click();
    for (const delimiter of [",", ";"]) {
      const before = page.url();
      await page.getByLabel("Delimiter").selectOption(delimiter);
      // what was read anew is another file
      await page.waitForURL(({ href }) => href !== before);
    }
    await page.getByLabel("Company becomes").selectOption("");
    await page.getByRole("button", { name: "See what it will do" }).click();
    await page.getByRole("link", { name: "Back to the columns" }).click();
    expect(await page.getByLabel("Company becomes").inputValue()).toBe("");
    await close();
  });

  it.each([
    {
      name: "people.ndjson",
      text: `${JSON.stringify({ email: "jane@example.com", name: "Jane Doe" })}\n${JSON.stringify({ email: "max@example.com", name: "Max" })}\n`,
    },
    {
      name: "people.vcf",
      text: ["Jane Doe", "Max"]
        .map((full) => `BEGIN:VCARD\r\nVERSION:3.0\r\nFN:${full}\r\nEMAIL:${full[0]?.toLowerCase()}@example.com\r\nEND:VCARD\r\n`)
        .join(""),
    },
  ])("$name: is mapped by itself, planned, imported and undone; the palette begins it", async ({ name, text }) => {
    const { page, close } = await openConsole("/console/import");
    await page.getByRole("heading", { name: "Nothing imported yet" }).waitFor();
    const chooser = page.waitForEvent("filechooser");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("new import");
    await page.getByRole("option", { name: /^New import/ }).waitFor();
    await page.keyboard.press("Enter");
    await (await chooser).setFiles({ name, mimeType: "application/octet-stream", buffer: Buffer.from(text) });
    await page.getByRole("heading", { name, level: 1 }).waitFor();
    await page.getByRole("button", { name: "See what it will do" }).click();
    await page.getByRole("button", { name: "Import 2 leads" }).click();
    await page.getByRole("region", { name: "Result" }).getByText("Created 2").waitFor();
    await page.getByRole("button", { name: "Undo this import" }).click();
    const dialog = page.getByRole("dialog", { name: "Undo this import" });
    await dialog.getByText(/removes 2 leads/).waitFor();
    await dialog.getByRole("button", { name: "Undo it" }).click();
    await page.getByText(/Undone: removed 2 leads/).waitFor();
    await close();
  });

  it("fits 400 px, and a viewer sees the history but no way to import", async () => {
    const tenant = await mintTenant({ role: "viewer" });
    const { page, close } = await openConsole("/console/import", { tenant, viewport: { width: 400, height: 800 } });
    await page.getByRole("heading", { name: "Nothing imported yet" }).waitFor();
    expect(await page.getByRole("button", { name: "Choose a file" }).count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    await close();
  });
});
