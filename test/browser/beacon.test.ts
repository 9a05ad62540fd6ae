/** The browser snippet in a page of another origin, in a real browser. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { mintTenant, noBrowser, origin, type Tenant } from "./support/console";

const served = inject("served");
const FORM = `<button data-track="Demo Requested">Demo</button>
  <form id="contact"><input type="email" name="mail"><input type="password" name="secret"></form>`;

let shop: Server;
let shopOrigin: string;
let browser: Browser;
let script = "";

beforeAll(async () => {
  if (!served) return;
  shop = createServer((_, answer) => {
    answer.setHeader("Content-Type", "text/html");
    answer.end(`<!doctype html><title>Shop</title>${script}${FORM}`);
  }).listen(0, "localhost");
  await new Promise((done) => shop.once("listening", done));
  shopOrigin = `http://localhost:${(shop.address() as AddressInfo).port}`;
  browser = await chromium.launch({ executablePath: served.chromium, args: ["--no-sandbox"] });
});
afterAll(async () => {
  await browser?.close();
  shop?.close();
});

type Open = {
  tenant: Tenant;
  page: Page;
  sent: string[];
  events: () => Promise<{ event_type: string; metadata: Record<string, unknown> }[]>;
};

async function open(attributes = "", options: BrowserContextOptions & { init?: string } = {}): Promise<Open> {
  const tenant = await mintTenant({ unit_id: "unit_default" });
  const created = await tenant.api("POST", "/write-keys", { name: "Shop", origins: [shopOrigin] });
  const { write_key } = (await created.json()) as { write_key: string };
  script = `<script src="${origin}/beacon.js" data-key="${write_key}" ${attributes}></script>`;
  const { init, ...context } = options;
  const page = await (await browser.newContext(context)).newPage();
  if (init) await page.addInitScript(init);
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("/v1/")) sent.push(request.postData() ?? "");
  });
  await page.goto(`${shopOrigin}/start?utm_source=news`);
  const events = async () => {
    const answer = await tenant.api("GET", "/events?limit=100");
    return ((await answer.json()) as { events: { event_type: string; metadata: Record<string, unknown> }[] }).events;
  };
  return { tenant, page, sent, events };
}

const typesOf = async ({ events }: Open): Promise<string[]> => (await events()).map(({ event_type }) => event_type).toSorted();
const until = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 60_000, interval: 500 });

describe.skipIf(noBrowser)("the browser snippet", () => {
  it("sends page views, clicks by attribute, form submits and what the page sends by itself", async () => {
    const opened = await open();
    const { page, tenant } = opened;
    await page.evaluate("history.pushState({}, '', '/pricing')");
    await page.click("button");
    await page.fill("input[type=email]", "alex@example.com");
    await page.fill("input[type=password]", "hunter2");
    await page.evaluate(
      "document.forms[0].addEventListener('submit', (event) => event.preventDefault()); document.forms[0].requestSubmit()",
    );
    await page.evaluate("leadedge.track('Priced', { plan: 'pro' }); leadedge.identify('user-1', { plan: 'pro' })");
    await until(async () =>
      expect(await typesOf(opened)).toEqual(["Demo Requested", "Form Submitted", "Page View", "Page View", "Priced"]),
    );
    await until(async () => {
      const found = await tenant.api("GET", "/lead/by-alias?kind=external_id&value=user-1");
      const byMail = await tenant.api("GET", "/lead/by-alias?value=alex@example.com");
      expect([found.status, byMail.status]).toEqual([200, 200]);
      expect(await found.json()).toMatchObject({
        metadata: { plan: "pro" },
        lead_id: ((await byMail.json()) as { lead_id: string }).lead_id,
      });
    });
    const views = (await opened.events()).filter(({ event_type }) => event_type === "Page View");
    expect(views.map(({ metadata }) => metadata.path).toSorted()).toEqual(["/pricing", "/start"]);
    expect(JSON.stringify(views)).toContain('"campaign":{"source":"news"}');
    expect(opened.sent.join()).not.toContain("hunter2");
    expect(await page.evaluate("document.cookie")).toMatch(/_leadedge=[\w-]{36}/);
  });

  it("with consent required nothing is stored or sent before it is given; then what happened follows", async () => {
    const opened = await open('data-consent="required"');
    const { page, sent } = opened;
    await page.click("button");
    expect([sent, await page.evaluate("document.cookie"), await page.evaluate("localStorage.length")]).toEqual([[], "", 0]);
    await page.evaluate("leadedge.consent(true)");
    await until(async () => expect(await typesOf(opened)).toEqual(["Demo Requested", "Page View"]));
    await page.evaluate("leadedge.consent(false)");
    const before = sent.length;
    await page.click("button");
    expect([sent.length, await page.evaluate("document.cookie")]).toEqual([before, ""]);
  });

  it.each([
    ["Do-Not-Track", "Object.defineProperty(navigator, 'doNotTrack', { value: '1' })"],
    ["Global Privacy Control", "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })"],
  ])("%s is honoured", async (_, init) => {
    const { page, sent } = await open("", { init });
    await page.click("button");
    await page.evaluate("leadedge.consent(true); leadedge.track('Priced')");
    expect([sent, await page.evaluate("document.cookie")]).toEqual([[], ""]);
  });

  it("what happens offline is sent when the browser is online again", async () => {
    const opened = await open();
    await until(async () => expect(await typesOf(opened)).toEqual(["Page View"]));
    await opened.page.context().setOffline(true);
    await opened.page.click("button");
    await opened.page.context().setOffline(false);
    await until(async () => expect(await typesOf(opened)).toEqual(["Demo Requested", "Page View"]));
  });
});
