import { describe, expect, it } from "vitest";
import { mintMember, mintTenant, noBrowser, openConsole, shoot, type Tenant } from "./support/console";

const PHONES = ["+15551234567", "+15551234568", "+15551234569"];

async function mintLead({ api }: Tenant, email: string, name: string): Promise<string> {
  const answer = await api("POST", "/leads", { aliases: [{ kind: "email", value: email }], metadata: { name } });
  return ((await answer.json()) as { lead_id: string }).lead_id;
}

/** As many cases: in each a lead was refused the phone of another. */
async function mintCases(tenant: Tenant, cases: number): Promise<void> {
  for (const [at, value] of PHONES.slice(0, cases).entries()) {
    const owner = await mintLead(tenant, `owner${at}@example.com`, `Owner ${at}`);
    const other = await mintLead(tenant, `other${at}@example.com`, `Other ${at}`);
    await tenant.api("POST", `/lead/${owner}/aliases`, { kind: "phone", value });
    expect((await tenant.api("POST", `/lead/${other}/aliases`, { kind: "phone", value })).status).toBe(409);
  }
}

describe.skipIf(noBrowser)("the queue of conflicts", () => {
  it("by keyboard alone: next, keep apart and its undo, merge with preview and its undo; the navigation counts what is open", async () => {
    const tenant = await mintTenant();
    await mintCases(tenant, 3);
    const { page, errors, close } = await openConsole("/console/conflicts", { tenant });
    const shown = (phone: string | undefined) => page.getByRole("heading", { name: `Both leads were given the phone ${phone}` });
    const open = (count: number) => page.getByRole("navigation").getByText(`${count} to decide`);
    await shown(PHONES[0]).waitFor();
    await open(3).waitFor();
    await page.getByRole("columnheader", { name: "Owner 0 has it" }).waitFor();
    await page.getByRole("columnheader", { name: "Other 0 was refused it" }).waitFor();
    await shoot(page, "conflicts");

    await page.getByRole("button", { name: "Next" }).focus();
    await page.keyboard.press("j");
    await shown(PHONES[1]).waitFor();
    const address = page.url();
    await page.keyboard.press("p");
    await shown(PHONES[0]).waitFor();
    await page.goto(address);
    await shown(PHONES[1]).waitFor();

    await page.getByRole("button", { name: "Keep apart" }).focus();
    await page.keyboard.press("k");
    await shown(PHONES[2]).waitFor();
    await open(2).waitFor();
    await page.getByRole("button", { name: "Undo" }).focus();
    await page.keyboard.press("Enter");
    await shown(PHONES[1]).waitFor();
    await open(3).waitFor();

    await page.getByRole("button", { name: "Merge" }).focus();
    await page.keyboard.press("m");
    const dialog = page.getByRole("dialog", { name: "Merge the two leads" });
    await dialog.getByLabel(/^Other 1/).check();
    await dialog.getByText("Owner 1 becomes part of Other 1").waitFor();
    await shoot(page, "conflicts-merge");
    await dialog.getByRole("button", { name: "Merge" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("Owner 1 was merged").waitFor();
    await open(2).waitFor();
    await page.getByRole("button", { name: "Undo" }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("The merge was taken back").waitFor();
    await open(3).waitFor();
    await shown(PHONES[1]).waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it("says so when nothing is open; a viewer sees both leads at 400 px and no button that would be refused", async () => {
    const tenant = await mintTenant();
    const empty = await openConsole("/console/conflicts", { tenant });
    await empty.page.getByRole("heading", { name: "No conflicts" }).waitFor();
    await shoot(empty.page, "conflicts-none");
    await empty.close();
    await mintCases(tenant, 1);
    const viewer = await mintMember(tenant.organization_id, { role: "viewer" });
    const { page, close } = await openConsole("/console/conflicts", { tenant: viewer, viewport: { width: 400, height: 800 } });
    await page.getByRole("columnheader", { name: "Owner 0 has it" }).waitFor();
    for (const name of ["Merge", "Keep apart"]) expect(await page.getByRole("button", { name }).count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    await shoot(page, "conflicts-400px");
    await close();
  });
});
