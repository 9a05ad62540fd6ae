import { describe, expect, it } from "vitest";
import { expectNoAxeViolations, link, mintTenant, noBrowser, openConsole, openPage, origin, shoot } from "./support/console";

describe.skipIf(noBrowser)("signing in", () => {
  it("takes a client id and secret, names what is wrong, and keeps what was typed", async () => {
    const { client_id, client_secret } = await mintTenant();
    const { page, close } = await openPage();
    await page.goto(`${origin}/console/leads`);
    await page.getByLabel("Client id").fill(client_id);
    await page.getByLabel("Client secret").fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("The client id or the secret is wrong").waitFor();
    expect(await page.getByLabel("Client id").inputValue()).toBe(client_id);
    await shoot(page, "sign-in");
    await page.getByLabel("Client secret").fill(client_secret);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Leads", level: 1 }).waitFor();
    await page.getByRole("heading", { name: "No leads yet" }).waitFor();
    expect(new URL(page.url()).pathname).toBe("/console/leads");
    await close();
  });

  it("the link that npm start prints opens the demo unit, once", async () => {
    const first = await openPage();
    await first.page.goto(link);
    await first.page.getByRole("heading", { name: "Leads", level: 1 }).waitFor();
    expect(first.page.url()).not.toContain("#");
    expect(first.errors).toEqual([]);
    await first.close();
    const second = await openPage();
    await second.page.goto(link);
    await second.page.getByLabel("Client id").waitFor();
    await second.close();
  });

  it("a session that ends meanwhile loses nothing: a dialog opens over the page, and the call is sent again", async () => {
    const { page, tenant, close } = await openConsole("/console/leads");
    await page.getByRole("heading", { name: "No leads yet" }).waitFor();
    await page.context().clearCookies();
    await page.getByLabel("Search", { exact: true }).fill("alex");
    const dialog = page.getByRole("dialog", { name: "Sign in again" });
    await dialog.waitFor();
    await expectNoAxeViolations(page);
    await dialog.getByLabel("Client id").fill(tenant.client_id);
    await dialog.getByLabel("Client secret").fill(tenant.client_secret);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "No lead matches" }).waitFor();
    expect(await page.getByLabel("Search", { exact: true }).inputValue()).toBe("alex");
    await close();
  });

  it("signing out everywhere ends every session of this account, and no other", async () => {
    const here = await openConsole("/console/settings");
    const there = await openConsole("/console/leads", { tenant: here.tenant });
    await here.page.getByText("this browser").waitFor();
    await shoot(here.page, "settings");
    await here.page.getByRole("button", { name: "Sign out everywhere" }).click();
    await here.page.getByLabel("Client id").waitFor();
    await there.page.reload();
    await there.page.getByLabel("Client id").waitFor();
    await Promise.all([here.close(), there.close()]);
  });
});
