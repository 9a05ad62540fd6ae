/** What holds for every page: how soon it can be used, that nothing moves, that it can be used from 400 px to 4K and by keyboard alone. */
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { expectNoAxeViolations, mintTenant, noBrowser, note, openConsole, origin } from "./support/console";

/** Chromium's and Lighthouse's "slow 4G": 1.6 Mbit/s down, 150 ms there and back. */
const SLOW_4G = { offline: false, latency: 150, downloadThroughput: (1.6 * 1024 * 1024) / 8, uploadThroughput: (750 * 1024) / 8 };
const FIRST_LOAD_BYTES_MAX = 60 * 1024;
/** Times that a request has to wait for another one: the page, then all of its scripts, then its data with the session. */
const WAITS_MAX = 3;
/** Of Core Web Vitals, "good" ends at 0.1. */
const SHIFT_MAX = 0.02;

/** Every page whose address needs no id, and the views of those that have several. */
const PAGES = [
  ...["overview", "leads", "conflicts", "conflicts?show=duplicates", "import", "live", "live?show=rejected", "live?show=deliveries"],
  ...["scoring", "scoring?show=levels", "scoring?show=profile", "scoring?show=profile-levels", "triggers", "triggers?show=firings"],
  ...["settings", "settings/units", "settings/credentials", "settings/write-keys", "settings/channels", "settings/sources"],
  ...["settings/fields", "settings/blocked", "settings/identity"],
];
/** A list in the middle of a page moves what is below it by a line or two. Of Core Web Vitals, "good" ends here. */
const PAGE_SHIFT_MAX = 0.1;

type Seen = { shift: number };

const countShifts = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const seen = { shift: 0 };
    Object.assign(globalThis, { seen });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) seen.shift += (entry as PerformanceEntry & { value: number }).value;
    }).observe({ type: "layout-shift", buffered: true });
  });

describe.skipIf(noBrowser)("the console", () => {
  it.each([
    ["a phone", 400, 800],
    ["a laptop", 1280, 800],
  ])("no page moves while it loads or is wider than the screen, on %s", async (_, width, height) => {
    const tenant = await mintTenant();
    const { page, errors, close } = await openConsole("/console/settings", { tenant, viewport: { width, height } });
    await countShifts(page);
    const found: Record<string, { shift: number; wider: number }> = {};
    for (const path of PAGES) {
      await page.goto(`${origin}/console/${path}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.waitForLoadState("networkidle");
      found[path] = await page.evaluate(() => ({
        shift: (globalThis as unknown as { seen: Seen }).seen.shift,
        wider: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      }));
    }
    note(`shift-${width}px`, found);
    expect(Object.entries(found).filter(([, { shift, wider }]) => shift > PAGE_SHIFT_MAX || wider > 0)).toEqual([]);
    expect(errors).toEqual([]);
    await close();
  });

  it("on a phone the page that is shown is in view in the navigation, and the header is one line", async () => {
    const { page, close } = await openConsole("/console/settings", { viewport: { width: 400, height: 800 } });
    const current = page.getByRole("navigation", { name: "Console" }).getByRole("link", { name: "Settings" });
    await current.waitFor();
    const box = await current.boundingBox();
    expect(box && box.x >= 0 && box.x + box.width <= 400).toBe(true);
    expect((await page.getByRole("banner").boundingBox())?.height).toBeLessThan(64);
    await close();
  });

  it("on slow 4G needs few bytes and few waits, and nothing moves while it loads", async () => {
    const tenant = await mintTenant();
    const { page, close } = await openConsole("/console/settings", { tenant });
    const network = await page.context().newCDPSession(page);
    await network.send("Network.enable");
    await network.send("Network.setCacheDisabled", { cacheDisabled: true });
    await network.send("Network.emulateNetworkConditions", SLOW_4G);
    let bytes = 0;
    network.on("Network.loadingFinished", ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await countShifts(page);
    await page.goto(`${origin}/console/leads`);
    await page.getByRole("heading", { name: "No leads yet" }).waitFor();
    const { shift, waits, ms } = await page.evaluate(() => {
      const requests = ["navigation", "resource"]
        .flatMap((type) => performance.getEntriesByType(type) as PerformanceResourceTiming[])
        .filter(({ name }) => !name.startsWith("data:"));
      // each request waits for those that had ended when it began
      const depthOf = (request: PerformanceResourceTiming): number =>
        1 + Math.max(0, ...requests.filter(({ responseEnd }) => responseEnd <= request.startTime).map(depthOf));
      const { seen } = globalThis as unknown as { seen: Seen };
      return { waits: Math.max(...requests.map(depthOf)), shift: seen.shift, ms: Math.round(performance.now()) };
    });
    // the milliseconds are for people: another machine, another number
    note("slow-4g", { bytes, waits, ms_until_the_list: ms, layout_shift: shift });
    expect(bytes).toBeLessThan(FIRST_LOAD_BYTES_MAX);
    expect(waits).toBeLessThanOrEqual(WAITS_MAX);
    expect(shift).toBeLessThan(SHIFT_MAX);
    await close();
  });

  it("can be used by keyboard alone: skip link, navigation, focus on the new page's heading", async () => {
    const { page, close } = await openConsole("/console/leads");
    await page.getByRole("heading", { name: "No leads yet" }).waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search pages, leads and commands" }).waitFor();
    await page.keyboard.type("settings");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Settings", level: 1 }).waitFor();
    await page.waitForFunction(() => document.activeElement?.tagName === "H1");
    await page.goBack();
    await page.getByRole("heading", { name: "Leads", level: 1 }).waitFor();
    await close();
  });

  it.each([
    [400, 700],
    [800, 600],
    [3840, 2160],
  ])("nothing is cut off or unreachable at %i by %i", async (width, height) => {
    const { page, close } = await openConsole("/console/settings", { viewport: { width, height } });
    await page.getByText("this browser").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    await page.getByRole("button", { name: "Account", exact: true }).click();
    await page.getByRole("button", { name: "Sign out", exact: true }).first().waitFor();
    await expectNoAxeViolations(page);
    await close();
  });

  it("an address that leads nowhere says so, and where to go", async () => {
    const { page, close } = await openConsole("/console/no/such/page");
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await expectNoAxeViolations(page);
    await page.goto(`${origin}/console/leads/%E0%A4%A`);
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await page.getByRole("link", { name: "Go to the start" }).click();
    await page.getByRole("heading", { name: "Leads", level: 1 }).waitFor();
    await close();
  });
});
