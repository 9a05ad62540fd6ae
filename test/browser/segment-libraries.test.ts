/** The unmodified libraries that speak Segment's wire format, in Node and in a page, against a real service. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import RudderAnalytics from "@rudderstack/rudder-sdk-node";
import { Analytics } from "@segment/analytics-node";
import { build } from "esbuild";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { mintTenant, noBrowser, origin, type Tenant } from "./support/console";

type Shown = { lead_id: string; metadata: Record<string, unknown>; account: { name: string } | null };
type Event = { event_type: string; metadata: Record<string, unknown> };

const served = inject("served");

async function mintSender(origins: string[] = []): Promise<{ tenant: Tenant; writeKey: string }> {
  const tenant = await mintTenant({ unit_id: "unit_default" });
  const created = await tenant.api("POST", "/write-keys", { name: "Library", origins });
  return { tenant, writeKey: ((await created.json()) as { write_key: string }).write_key };
}

/** The lead of both of the library's user ids, with all that it has sent, and nothing refused. */
async function expectArrived(tenant: Tenant, eventTypes: string[], properties: object): Promise<void> {
  const read = async <Answer>(path: string): Promise<Answer> => {
    const answer = await tenant.api("GET", path);
    expect(answer.status, path).toBe(200);
    return (await answer.json()) as Answer;
  };
  const arrived = async () => {
    const byId = await read<Shown>("/lead/by-alias?kind=external_id&value=user-1");
    const byAlias = await read<Shown>("/lead/by-alias?kind=external_id&value=user-2");
    const byMail = await read<Shown>("/lead/by-alias?value=user@example.com");
    expect([byAlias.lead_id, byMail.lead_id]).toEqual([byId.lead_id, byId.lead_id]);
    const lead = await read<Shown>(`/lead/${byId.lead_id}`);
    expect(lead).toMatchObject({ metadata: { first_name: "Ada" }, account: { name: "Acme" } });
    const { events } = await read<{ events: Event[] }>(`/events/${byId.lead_id}`);
    expect(events.map(({ event_type }) => event_type).toSorted()).toEqual(eventTypes);
    expect(events.find(({ event_type }) => event_type === "Order Placed")?.metadata).toMatchObject(properties);
  };
  await vi.waitFor(arrived, { timeout: 60_000, interval: 500 });
  expect(await read<object>("/ingest/rejected")).toMatchObject({ events: [] });
}

const TRAITS = { email: "user@example.com", firstName: "Ada" };
const EVENT_TYPES = ["Order Placed", "Page View", "Screen View"];

describe.skipIf(noBrowser)("in Node", () => {
  it("@segment/analytics-node", async () => {
    const { tenant, writeKey } = await mintSender();
    const analytics = new Analytics({ writeKey, host: origin, flushAt: 3 });
    const errors: unknown[] = [];
    analytics.on("error", (error) => errors.push(error));
    const userId = "user-1";
    analytics.identify({ userId, traits: TRAITS });
    analytics.track({ userId, event: "Order Placed", properties: { total: 5 } });
    analytics.page({ userId, name: "Pricing" });
    analytics.screen({ userId, name: "Home" });
    analytics.group({ userId, groupId: "acme", traits: { name: "Acme" } });
    analytics.alias({ userId: "user-2", previousId: userId });
    await analytics.closeAndFlush();
    expect(errors).toEqual([]);
    await expectArrived(tenant, EVENT_TYPES, { total: 5 });
  });

  it("@rudderstack/rudder-sdk-node", async () => {
    const { tenant, writeKey } = await mintSender();
    const client = new RudderAnalytics(writeKey, { dataPlaneUrl: origin, flushAt: 20 });
    const userId = "user-1";
    const sent = (call: (done: (error?: Error) => void) => unknown) =>
      new Promise<void>((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
    const calls = [
      sent((done) => client.identify({ userId, traits: TRAITS }, done)),
      sent((done) => client.track({ userId, event: "Order Placed", properties: { total: 7 } }, done)),
      sent((done) => client.page({ userId, name: "Pricing" }, done)),
      sent((done) => client.screen({ userId, name: "Home" }, done)),
      sent((done) => client.group({ userId, groupId: "acme", traits: { name: "Acme" } }, done)),
      sent((done) => client.alias({ userId: "user-2", previousId: userId }, done)),
    ];
    await client.flush();
    await Promise.all(calls);
    await expectArrived(tenant, EVENT_TYPES, { total: 7 });
  });
});

describe.skipIf(noBrowser)("in a page", () => {
  let shop: Server;
  let shopOrigin: string;
  let browser: Browser;

  beforeAll(async () => {
    if (!served) return;
    const { outputFiles } = await build({
      stdin: {
        contents:
          'import { AnalyticsBrowser } from "@segment/analytics-next"; window.load = (settings) => AnalyticsBrowser.load(settings);',
        resolveDir: process.cwd(),
      },
      bundle: true,
      write: false,
    });
    const script = outputFiles[0]?.text ?? "";
    shop = createServer((asked, answer) => {
      const isScript = asked.url === "/library.js";
      answer.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
      answer.end(isScript ? script : "<!doctype html><title>Shop</title><script src=/library.js></script>");
    }).listen(0, "localhost");
    await new Promise((done) => shop.once("listening", done));
    shopOrigin = `http://localhost:${(shop.address() as AddressInfo).port}`;
    browser = await chromium.launch({ executablePath: served.chromium, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    shop?.close();
  });

  it("@segment/analytics-next, by a write key that is limited to the page's origin", async () => {
    const { tenant, writeKey } = await mintSender([shopOrigin]);
    const page = await (await browser.newContext()).newPage();
    const statuses: number[] = [];
    page.on("response", (response) => {
      if (response.url().includes("/v1/")) statuses.push(response.status());
    });
    await page.goto(`${shopOrigin}/start?utm_campaign=spring`);
    const connection = { apiKey: writeKey, apiHost: `${new URL(origin).host}/v1`, protocol: "http" };
    const settings = { writeKey, cdnSettings: { integrations: { "Segment.io": connection } } };
    await page.evaluate(`(async () => {
      const analytics = load(${JSON.stringify(settings)});
      await analytics.page("Pricing");
      // once a user is identified, the library names that one in place of the new id
      await analytics.alias("user-2");
      await analytics.identify("user-1", ${JSON.stringify(TRAITS)});
      await analytics.track("Order Placed", { total: 3 });
      await analytics.screen("Home");
      await analytics.group("acme", { name: "Acme" });
    })()`);
    await expectArrived(tenant, EVENT_TYPES, { total: 3, context: { campaign: { name: "spring" } } });
    expect(statuses.every((status) => status === 200 || status === 204)).toBe(true);
    expect(statuses.length).toBeGreaterThanOrEqual(6);
  });
});
