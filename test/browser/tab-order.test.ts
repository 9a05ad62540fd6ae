/** By Tab one reaches everything on a page in the order in which it is read, and by Shift and Tab the same way back. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { mintTenant, noBrowser, openConsole, origin } from "./support/console";

const STOPS_MAX = 200;

type Stop = { name: string; inOrder: boolean };

/** Where the focus goes until it leaves the page; `inOrder`: it came after (or, backwards, before) the one before it in the document. */
async function stops(page: Page, key: "Tab" | "Shift+Tab"): Promise<Stop[]> {
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.evaluate((backwards) => {
    // where the browser goes on from
    const end = Object.assign(document.createElement("span"), { tabIndex: -1 });
    document.body.insertAdjacentElement(backwards ? "beforeend" : "afterbegin", end);
    end.focus();
    Object.assign(globalThis, { before: end, first: undefined });
  }, key !== "Tab");
  const found: Stop[] = [];
  while (found.length < STOPS_MAX) {
    await page.keyboard.press(key);
    const stop = await page.evaluate((backwards) => {
      const world = globalThis as unknown as { before: Element; first?: Element };
      const now = document.activeElement;
      // the browser's own controls come next, or in its place the other end of the page
      if (!now || now === document.body || now === world.first) return null;
      world.first ??= now;
      const follows = (world.before.compareDocumentPosition(now) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
      world.before = now;
      return { name: now.getAttribute("aria-label") ?? now.textContent ?? now.tagName, inOrder: follows !== backwards };
    }, key !== "Tab");
    if (!stop) return found;
    found.push(stop);
  }
  throw new Error("the focus never leaves the page");
}

describe.skipIf(noBrowser)("the focus", () => {
  it("follows the order of the document on every page, there and back", async () => {
    const tenant = await mintTenant();
    const aliases = [{ kind: "email", value: "jane@example.com" }];
    const created = await tenant.api("POST", "/leads", { aliases, metadata: { name: "Jane Doe" } });
    const { lead_id } = (await created.json()) as { lead_id: string };
    const { page, close } = await openConsole("/console/leads", { tenant });
    await page.getByRole("link", { name: "Jane Doe" }).waitFor();
    const links = await page.getByRole("navigation", { name: "Console" }).getByRole("link").all();
    const inNavigation = await Promise.all(links.map(async (link) => `${await link.getAttribute("href")}`));
    for (const path of [...inNavigation, `/console/leads/${lead_id}`]) {
      await page.goto(origin + path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      // what is rendered anew while it loads would lose the focus
      await page.waitForLoadState("networkidle");
      const there = await stops(page, "Tab");
      const back = await stops(page, "Shift+Tab");
      expect(
        [...there, ...back].filter(({ inOrder }) => !inOrder),
        path,
      ).toEqual([]);
      expect(there.length, path).toBeGreaterThan(inNavigation.length);
      expect(back.map(({ name }) => name).reverse(), path).toEqual(there.map(({ name }) => name));
    }
    await close();
  });
});
