/** Leads that look like one person: shown side by side with the reasons, merged with a preview, taken back. */
import { describe, expect, it } from "vitest";
import { importLeads, mintMember, mintTenant, noBrowser, openConsole, shoot } from "./support/console";

const LEADS = `email,name,title
ada@acme.example,Ada Lovelace,Countess
lovelace.ada@acme.example,Ada Lovelace,Analyst
grace.hopper@gmail.com,Grace Hopper,Admiral
gracehopper+news@gmail.com,G. Hopper,Teacher
`;
const MAPPING = { name: "name", title: "title" };

describe.skipIf(noBrowser)("likely duplicates", () => {
  it("are a queue by keyboard: why, side by side, merge with preview, and its undo", async () => {
    const tenant = await mintTenant();
    await importLeads(tenant, LEADS, MAPPING);
    const { page, errors, close } = await openConsole("/console/leads", { tenant });
    await page.getByRole("link", { name: "Likely duplicates" }).click();
    const why = page.getByText("May be one person:");
    await why.getByText("the same name and their emails have the same company domain").waitFor();
    await page.getByRole("columnheader", { name: "Ada Lovelace" }).first().waitFor();
    await page.getByRole("row", { name: /^title.*(Countess.*Analyst|Analyst.*Countess)/ }).waitFor();
    await shoot(page, "duplicates");

    await page.getByRole("button", { name: "Next" }).focus();
    await page.keyboard.press("j");
    await why.getByText("their emails are nearly the same").waitFor();
    await page.keyboard.press("p");
    await why.getByText("the same name").waitFor();
    await page.keyboard.press("m");
    const dialog = page.getByRole("dialog", { name: "Merge the two leads" });
    await dialog.getByText("becomes part of").waitFor();
    await dialog.getByRole("button", { name: "Merge" }).click();
    await page.getByText("Ada Lovelace was merged").waitFor();
    await why.getByText("their emails are nearly the same").waitFor();
    await page.getByText("1 of 1").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("The merge was taken back").waitFor();
    await why.getByText("the same name").waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it("stand on a lead's page and are merged there; without any, the queue says so", async () => {
    const tenant = await mintTenant();
    await importLeads(tenant, LEADS.split("\n").slice(0, 3).join("\n"), MAPPING);
    const { page, errors, close } = await openConsole("/console/leads", { tenant });
    await page.getByRole("link", { name: "Ada Lovelace" }).first().click();
    const others = page.getByRole("list", { name: "May be the same person" });
    await others.getByText("they have the same name").waitFor();
    await others.getByRole("button", { name: "Merge Ada Lovelace" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Merge" }).click();
    await page.getByText("Ada Lovelace was merged").waitFor();
    await others.waitFor({ state: "detached" });
    await page.goto(page.url().replace(/\/leads\/.*/, "/conflicts?show=duplicates"));
    await page.getByRole("heading", { name: "No likely duplicates" }).waitFor();
    await shoot(page, "duplicates-none");
    expect(errors).toEqual([]);
    await close();
  });

  it("a viewer sees them on a phone of 400 px, and no button that would be refused", async () => {
    const tenant = await mintTenant();
    await importLeads(tenant, LEADS, MAPPING);
    const viewer = await mintMember(tenant.organization_id, { role: "viewer" });
    const { page, close } = await openConsole("/console/conflicts?show=duplicates", {
      tenant: viewer,
      viewport: { width: 400, height: 800 },
    });
    await page.getByText("May be one person:").waitFor();
    expect(await page.getByRole("button", { name: "Merge" }).count()).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    await shoot(page, "duplicates-400px");
    await close();
  });
});
