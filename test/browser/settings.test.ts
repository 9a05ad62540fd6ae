/** Settings: credentials, channels, inbound sources, org units, fields, blocked values. */
import type { Page } from "playwright-core";
import { describe, expect, it, vi } from "vitest";
import { expectNoAxeViolations, mintMember, mintTenant, noBrowser, openConsole, origin, shoot } from "./support/console";

const secretIn = async (page: Page, title: string): Promise<{ values: (string | null)[]; close: () => Promise<void> }> => {
  const dialog = page.getByRole("dialog", { name: title });
  await dialog.waitFor();
  const values = await dialog.locator("dd code").allTextContents();
  const close = async () => {
    await dialog.getByRole("button", { name: "I have copied it" }).click();
    await dialog.waitFor({ state: "detached" });
  };
  return { values, close };
};

describe.skipIf(noBrowser)("settings", () => {
  it("shows the secret of a new service account once: it works, and is nowhere after the dialog; revoked, it works no longer", async () => {
    const { page, errors, close } = await openConsole("/console/settings/credentials");
    await page.getByRole("button", { name: "New service account" }).click();
    await page.getByLabel("Name").fill("Zapier");
    await page.getByRole("button", { name: "Create" }).click();
    const shown = await secretIn(page, "Secret of Zapier");
    const [client_id, client_secret] = shown.values;
    const signIn = () => fetch(`${origin}/event-types`, { headers: { Authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` } });
    expect((await signIn()).status).toBe(200);
    await shoot(page, "settings-secret");
    await shown.close();
    expect(await page.content()).not.toContain(client_secret);
    await page.reload();
    await page.getByText(client_id ?? "").waitFor();
    expect(await page.content()).not.toContain(client_secret);
    await shoot(page, "settings-credentials");

    await page.getByRole("button", { name: "Revoke Zapier" }).click();
    await page.getByRole("button", { name: "Revoke it" }).click();
    await page.getByText("Zapier is revoked").waitFor();
    expect(await page.getByText(client_id ?? "").count()).toBe(0);
    expect(errors).toEqual([]);
    await close();
  });

  it("creates a signed webhook, tests it, gives it a new secret, switches it off with undo, and deletes it", async () => {
    const { page, errors, close } = await openConsole("/console/settings/channels");
    await page.getByRole("button", { name: "New channel" }).click();
    await page.getByLabel("Type").selectOption("webhook");
    await page.getByLabel("Name").fill("CRM");
    await page.getByLabel("URL").fill("nowhere");
    await page.getByRole("button", { name: "Create" }).click();
    await page.waitForFunction(() => document.activeElement?.getAttribute("name") === "config.url");
    expect(await page.getByLabel("URL").getAttribute("aria-invalid")).toBe("true");
    await page.getByLabel("URL").fill("http://127.0.0.1:1/hook");
    await page.getByRole("button", { name: "Create" }).click();
    const first = await secretIn(page, "Signing secret of CRM");
    expect(first.values[0]).toMatch(/^whsec_/);
    await first.close();
    await page.getByRole("button", { name: "Test CRM" }).click();
    await page.getByText("A test is on its way to CRM").waitFor();

    await page.getByRole("button", { name: "Change CRM" }).click();
    await shoot(page, "settings-channel");
    await page.getByRole("button", { name: "New signing secret" }).click();
    const second = await secretIn(page, "Signing secret of CRM");
    expect(second.values[0]).toMatch(/^whsec_/);
    expect(second.values[0]).not.toBe(first.values[0]);
    await second.close();
    expect(await page.content()).not.toContain("whsec_");

    await page.getByRole("button", { name: "Change CRM" }).click();
    await page.getByRole("button", { name: "Revoke the former secret" }).click();
    await page.getByText("signed with the newest secret alone").waitFor();
    await page.getByRole("button", { name: "Change CRM" }).click();
    expect(await page.getByRole("button", { name: "Revoke the former secret" }).count()).toBe(0);
    await page.getByRole("button", { name: "Switch off" }).click();
    await page.getByText("switched off", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Test CRM" }).waitFor();
    await shoot(page, "settings-channels");
    await page.getByRole("button", { name: "Change CRM" }).click();
    await page.getByRole("button", { name: "Delete", exact: true }).click();
    await page.getByRole("button", { name: "Delete it" }).click();
    await page.getByText("No channel yet").waitFor();
    expect(errors.filter((text) => !text.includes("400"))).toEqual([]);
    await close();
  });

  it("a form's answer that goes nowhere is mapped where it arrives, and taken again: the lead is there", async () => {
    const { page, tenant, errors, close } = await openConsole("/console/settings/sources");
    await page.getByRole("button", { name: "New source" }).click();
    await page.getByLabel("Name").fill("Own website");
    await page.getByLabel("Sender").selectOption("generic");
    await page.getByRole("button", { name: "Create" }).click();
    const shown = await secretIn(page, "Address of Own website");
    await shown.close();
    await page.getByRole("link", { name: "Own website" }).click();
    await page.getByRole("heading", { name: "Nothing has been sent yet" }).waitFor();
    const sent = await fetch(shown.values[0] ?? "", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ who: "ada@example.com", wish: "A call" }),
    });
    expect(sent.status).toBe(200);
    await page.getByText(/It names nobody/).click();
    await page.getByLabel("Where who goes").selectOption("_alias_email");
    await page.getByText("who goes to email").waitFor();
    await shoot(page, "settings-source");
    await page.getByRole("button", { name: /^Replay/ }).click();
    await page.getByText("Taken: 1 event queued").waitFor();
    await vi.waitFor(async () => expect((await tenant.api("GET", "/lead/by-alias?kind=email&value=ada@example.com")).status).toBe(200), {
      timeout: 30_000,
    });
    expect(errors).toEqual([]);
    await close();
  });

  it("creates and renames an org unit, which the switcher at the top then knows; a rename can be undone", async () => {
    const { page, errors, close } = await openConsole("/console/settings/units");
    await page.getByRole("button", { name: "New org unit" }).click();
    await page.getByLabel("Name").fill("EMEA");
    await page.getByLabel("Country of phone numbers").fill("nowhere");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByText("must be an ISO 3166 country code").waitFor();
    await page.getByLabel("Country of phone numbers").fill("de");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByText("read as those of DE").waitFor();
    await page.getByRole("button", { name: "Change EMEA" }).click();
    await page.getByLabel("Name").fill("Europe");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Europe is saved").waitFor();
    const switcher = page.getByRole("combobox", { name: "Org unit" });
    expect(await switcher.locator("option").allTextContents()).toEqual(["Default", "Europe"]);
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Change EMEA" }).waitFor();
    await shoot(page, "settings-units");
    expect(errors.filter((text) => !text.includes("400"))).toEqual([]);
    await close();
  });

  it("defines a field, blocks a value and takes that back, creates a token and a write key, and shows how to sign in", async () => {
    const { page, errors, close } = await openConsole("/console/settings/fields");
    await page.getByRole("button", { name: "New field" }).click();
    await page.getByLabel("Name").fill("Budget");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("list", { name: "Your own fields" }).getByText("Budget").waitFor();
    await shoot(page, "settings-fields");

    await page.getByRole("link", { name: "Blocked values" }).click();
    await page.getByRole("button", { name: "Block a value" }).click();
    await page.getByRole("textbox", { name: "Value" }).fill("info@example.com");
    await page.getByRole("button", { name: "Block", exact: true }).click();
    await page.getByRole("button", { name: "Allow info@example.com" }).waitFor();
    await shoot(page, "settings-blocked");
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("No value of your own is blocked").waitFor();

    await page.getByRole("link", { name: "Write keys" }).click();
    await page.getByRole("button", { name: "New write key" }).click();
    await page.getByLabel("Name").fill("Website");
    await page.getByLabel("Pages").fill("https://www.example.com\nhttps://shop.example.com");
    await page.getByRole("button", { name: "Create" }).click();
    await (await secretIn(page, "Secret of Website")).close();
    await page.getByText("From https://www.example.com, https://shop.example.com").waitFor();
    await shoot(page, "settings-write-keys");

    await page.getByRole("link", { name: "You", exact: true }).click();
    await page.getByRole("button", { name: "New token" }).click();
    await page.getByLabel("Name").fill("my laptop");
    await page.getByRole("button", { name: "Create" }).click();
    const token = await secretIn(page, "Secret of my laptop");
    const answer = await fetch(`${origin}/event-types`, {
      headers: { Authorization: `Bearer ${token.values[0]}`, "X-Org-Unit": "unit_default" },
    });
    expect(answer.status).toBe(200);
    await token.close();
    await shoot(page, "settings");

    await page.getByRole("link", { name: "Signing in" }).click();
    await page.getByText(`${origin}/console/provider/callback`).waitFor();
    await shoot(page, "settings-identity");
    expect(errors).toEqual([]);
    await close();
  });

  it("offers a viewer nothing that would be refused, in any part", async () => {
    const { api, organization_id } = await mintTenant();
    const config = { url: "http://127.0.0.1:1/hook" };
    expect((await api("POST", "/notification-channels", { name: "CRM", type: "webhook", config })).status).toBe(201);
    expect((await api("POST", "/sources", { name: "Form", type: "generic" })).status).toBe(201);
    const viewer = await mintMember(organization_id, { role: "viewer" });
    const { page, errors, close } = await openConsole("/console/settings/sources", { tenant: viewer });
    await page.getByRole("link", { name: "Form", exact: true }).click();
    await page.getByText("Only editors see what was sent").waitFor();
    for (const [part, seen] of [
      ["Channels", "CRM"],
      ["Org units", "unit_default"],
      ["Service accounts", "No service account yet"],
      ["Write keys", "No write key yet"],
      ["Inbound sources", "No signature is verified"],
      ["Fields", "first_name"],
      ["Blocked values", "No value of your own"],
      ["Signing in", "Only an admin sees"],
      ["You", "No token yet"],
    ] as const) {
      await page.getByRole("navigation", { name: "Settings" }).getByRole("link", { name: part, exact: true }).click();
      await page.getByText(seen).first().waitFor();
      expect(await page.getByRole("button", { name: /^(New|Test|Change|Revoke|Delete|Block|Allow|Replay|Switch)/ }).count()).toBe(0);
    }
    expect(errors).toEqual([]);
    await close();
  });

  it("works by keyboard alone, at 400 px: a part is reached, a form is filled and sent, the focus comes back", async () => {
    const { page, errors, close } = await openConsole("/console/settings", { viewport: { width: 400, height: 700 } });
    await page.getByText("this browser").waitFor();
    const tabTo = async (name: RegExp): Promise<void> => {
      for (let steps = 0; steps < 60; steps++) {
        await page.keyboard.press("Tab");
        if (name.test(await page.evaluate(() => document.activeElement?.textContent ?? ""))) return;
      }
      throw new Error(`no way by Tab to ${name}`);
    };
    await tabTo(/^Fields$/);
    await page.keyboard.press("Enter");
    await page.getByText("first_name").waitFor();
    await tabTo(/^New field$/);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "New field" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.type("Budget");
    await page.keyboard.press("Enter");
    await page.getByText("Budget", { exact: true }).waitFor();
    await page.waitForFunction(() => document.activeElement?.textContent === "New field");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    await expectNoAxeViolations(page);
    expect(errors).toEqual([]);
    await close();
  });

  it("a part that does not exist says so, and where to go; the palette leads to each part", async () => {
    const { page, close } = await openConsole("/console/settings/nothing");
    await page.getByRole("heading", { name: "There are no such settings" }).waitFor();
    await expectNoAxeViolations(page);
    await page.getByRole("link", { name: "Go to the settings" }).click();
    await page.getByText("this browser").waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search pages, leads and commands" }).waitFor();
    await page.keyboard.type("channels");
    await page.keyboard.press("Enter");
    await page.getByText("No channel yet").waitFor();
    await close();
  });
});
