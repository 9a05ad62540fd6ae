/** Live: what happens appears by itself, and what went wrong is sent again from there. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { mintMember, mintTenant, noBrowser, openConsole, shoot } from "./support/console";

let receiver: Server | undefined;
afterEach(() => {
  receiver?.close();
  receiver = undefined;
});

/** A receiver of webhooks on this machine; `ids` grows with each request. */
async function startReceiver(): Promise<{ url: string; ids: (string | undefined)[] }> {
  const ids: (string | undefined)[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    ids.push(request.headers["webhook-id"] as string | undefined);
    response.end(`thanks, number ${ids.length}`);
  });
  receiver = server;
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, ids };
}

const visit = (email: string, event_type = "Page View") => ({
  event_type,
  aliases: [{ alias_kind: "email", raw_value: email }],
  metadata: { path: "/pricing" },
});

describe.skipIf(noBrowser)("live", () => {
  it("shows an event as it arrives, with its details, and only those of a type; paused it stays as it is", async () => {
    const tenant = await mintTenant();
    const { page, errors, close } = await openConsole("/console/live", { tenant });
    await page.getByRole("heading", { name: "No events yet" }).waitFor();
    expect((await tenant.api("POST", "/ingest", visit("ada@example.com"))).status).toBe(202);
    const feed = page.getByRole("list", { name: "Events" });
    await feed.getByText("ada@example.com").click();
    await page.getByText("/pricing").waitFor();
    expect(await page.getByRole("link", { name: "Open the lead" }).getAttribute("href")).toMatch(/^\/console\/leads\/ld_[0-9a-f]{32}$/);
    await shoot(page, "live");

    expect((await tenant.api("POST", "/ingest", visit("bob@example.com", "Demo Request"))).status).toBe(202);
    await feed.getByText("bob@example.com").waitFor();
    await page.reload();
    await page.getByLabel("Type").selectOption("Demo Request");
    await page.waitForURL(/\?type=Demo/);
    await feed.getByText("ada@example.com").waitFor({ state: "detached" });
    await feed.getByText("bob@example.com").waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("status").getByText("Paused").waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it("says why an event was rejected, and replays it", async () => {
    const tenant = await mintTenant();
    const sent = { event_type: "Demo Request", lead_id: "ld_00000000000000000000000000000000", metadata: { plan: "pro" } };
    expect((await tenant.api("POST", "/ingest", sent)).status).toBe(202);
    const { page, close } = await openConsole("/console/live?show=rejected", { tenant });
    await page.getByText("No lead has this lead_id").waitFor();
    await shoot(page, "live-rejected");
    const answer = page.waitForResponse(/rejected\.replay$/);
    await page.getByRole("button", { name: /^Replay Demo Request/ }).click();
    expect(await (await answer).json()).toMatchObject({ queued: 1, not_found: [] });
    await close();
  });

  it("replays a delivery: the receiver gets it again under the same id, and both attempts are shown with their responses", async () => {
    const tenant = await mintTenant();
    const { url, ids } = await startReceiver();
    const created = await tenant.api("POST", "/notification-channels", { name: "CRM", type: "webhook", config: { url } });
    const { id } = (await created.json()) as { id: string };
    expect((await tenant.api("POST", `/notification-channels/${id}/test`)).status).toBe(202);
    const { page, errors, close } = await openConsole("/console/live?show=deliveries", { tenant });
    await page.getByRole("cell", { name: "delivered" }).waitFor();
    await page.getByRole("link", { name: "notification_channel.test" }).click();
    const dialog = page.getByRole("dialog", { name: "Delivery" });
    await dialog.getByText("thanks, number 1").waitFor();
    await dialog.getByText('"channel_name": "CRM"').waitFor();
    await shoot(page, "live-delivery");

    await dialog.getByRole("button", { name: "Replay" }).click();
    await dialog.getByText("thanks, number 2").waitFor();
    expect(ids).toEqual([ids[0], ids[0]]);
    await page.reload();
    await dialog.getByText("thanks, number 2").waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(errors).toEqual([]);
    await close();
  });

  it("offers a viewer no replay, and fits a phone of 400 px", async () => {
    const { api, organization_id } = await mintTenant();
    const { url } = await startReceiver();
    const created = await api("POST", "/notification-channels", { name: "CRM", type: "webhook", config: { url } });
    const { id } = (await created.json()) as { id: string };
    await api("POST", `/notification-channels/${id}/test`);
    const viewer = await mintMember(organization_id, { role: "viewer" });
    const viewport = { width: 400, height: 800 };
    const { page, close } = await openConsole("/console/live?show=deliveries", { tenant: viewer, viewport });
    await page.getByRole("cell", { name: "delivered" }).waitFor();
    await shoot(page, "live-400px");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    await page.getByRole("link", { name: "notification_channel.test" }).click();
    await page.getByText("Viewers do not see responses.").waitFor();
    expect(await page.getByRole("button", { name: /Replay|Send now/ }).count()).toBe(0);
    await close();
  });
});
