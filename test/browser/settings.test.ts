/** Settings: credentials and channels. */
import { describe, expect, it } from "vitest";
import { mintMember, mintTenant, noBrowser, openConsole, origin, shoot } from "./support/console";

describe.skipIf(noBrowser)("settings", () => {
  it("shows the secret of a new service account once: it works, and is nowhere after the dialog; revoked, it works no longer", async () => {
    const { page, errors, close } = await openConsole("/console/settings");
    await page.getByRole("button", { name: "New service account" }).click();
    await page.getByLabel("Name").fill("Zapier");
    await page.getByRole("button", { name: "Create" }).click();
    const dialog = page.getByRole("dialog", { name: "Secret of Zapier" });
    await dialog.waitFor();
    const [client_id, client_secret] = await dialog.locator("code").allTextContents();
    const signIn = () => fetch(`${origin}/event-types`, { headers: { Authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` } });
    expect((await signIn()).status).toBe(200);
    await shoot(page, "settings-secret");
    await dialog.getByRole("button", { name: "I have copied it" }).click();
    await dialog.waitFor({ state: "detached" });
    expect(await page.content()).not.toContain(client_secret);
    await page.reload();
    await page.getByText(client_id ?? "").waitFor();
    expect(await page.content()).not.toContain(client_secret);
    await shoot(page, "settings");

    await page.getByRole("button", { name: "Revoke Zapier" }).click();
    await page.getByRole("button", { name: "Revoke it" }).click();
    await page.getByText("Zapier is revoked").waitFor();
    expect(await page.getByText(client_id ?? "").count()).toBe(0);
    expect(errors).toEqual([]);
    await close();
  });

  it("tests a notification channel; a viewer gets neither that nor a new account offered", async () => {
    const { api, organization_id, ...admin } = await mintTenant();
    const config = { url: "http://127.0.0.1:1/hook" };
    expect((await api("POST", "/notification-channels", { name: "CRM", type: "webhook", config })).status).toBe(201);
    const opened = await openConsole("/console/settings", { tenant: { api, organization_id, ...admin } });
    await opened.page.getByRole("button", { name: "Test CRM" }).click();
    await opened.page.getByText("A test is on its way to CRM").waitFor();
    await opened.close();
    const viewer = await mintMember(organization_id, { role: "viewer" });
    const { page, close } = await openConsole("/console/settings", { tenant: viewer });
    await page.getByText("CRM").waitFor();
    expect(await page.getByRole("button", { name: /New service account|Test CRM|Revoke/ }).count()).toBe(0);
    await close();
  });
});
