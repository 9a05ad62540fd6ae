/** The overview: numbers that lead to the views behind them. */
import { describe, expect, it } from "vitest";
import { expectNoAxeViolations, importLeads, mintMember, mintTenant, noBrowser, openConsole, shoot, type Tenant } from "./support/console";

/** Two leads with a source, three events, a trigger that has fired, and nothing that waits. */
async function mintBusyTenant(): Promise<Tenant> {
  const tenant = await mintTenant();
  const { id } = (await (await tenant.api("POST", "/engagement-scoring/rulesets", { name: "Web" })).json()) as { id: string };
  await tenant.api("POST", `/engagement-scoring/rulesets/${id}/rules`, { event_type: "Demo Requested", weight: 60 });
  expect((await tenant.api("POST", "/triggers", { name: "Hot", score_threshold: 50, fire_mode: "once" })).status).toBe(201);
  await importLeads(tenant, "email,origin\nada@example.com,Fair\nbob@example.com,Fair\n", { origin: "source" });
  const sent = ["Demo Requested", "Page View", "Page View"].map((event_type) => ({
    alias_kind: "email",
    alias: "ada@example.com",
    event_type,
  }));
  const answer = (await (await tenant.api("POST", "/ingest/batch", { events: sent })).json()) as { results: { event_id: string }[] };
  for (const { event_id } of answer.results) await untilProcessed(tenant, event_id);
  return tenant;
}

async function untilProcessed(tenant: Tenant, eventId: string): Promise<void> {
  for (;;) {
    const { status } = (await (await tenant.api("GET", `/ingest/receipts/${eventId}`)).json()) as { status: string };
    if (status === "processed") return;
    await new Promise((done) => setTimeout(done, 100));
  }
}

describe.skipIf(noBrowser)("the overview", () => {
  it("shows what there is and leads to it: leads, events, imports, firings, scores, sources, quotas", async () => {
    const tenant = await mintBusyTenant();
    const { page, errors, close } = await openConsole("/console/overview", { tenant });
    const figureOf = (title: string) => page.getByRole("region", { name: title }).locator(".figure").textContent();
    await page.getByRole("region", { name: "Leads", exact: true }).waitFor();
    const figures = await Promise.all(["Leads", "Events", "Imports", "Triggers fired", "Scores now"].map(figureOf));
    expect(figures).toEqual(["2", "3", "1", "1", "1"]);
    await page.getByRole("region", { name: "Sources of new leads" }).getByText("Fair", { exact: true }).waitFor();
    await page.getByRole("row", { name: /Triggers\s+1 of 200/ }).waitFor();
    await shoot(page, "overview");
    await page.getByRole("link", { name: "Page View" }).click();
    await page.getByRole("heading", { name: "Live" }).waitFor();
    await page.getByRole("list", { name: "Events" }).getByText("Page View").first().waitFor();
    await page.goBack();
    await page.getByRole("link", { name: "Recent firings" }).click();
    await page.getByRole("list", { name: "Firings" }).getByText("Hot").waitFor();
    await page.goBack();
    await page.getByRole("link", { name: "All leads" }).click();
    await page.getByRole("link", { name: "ada@example.com" }).waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it("the address holds the number of days; loading again shows what has come since", async () => {
    const tenant = await mintBusyTenant();
    const { page, close } = await openConsole("/console/overview", { tenant });
    await page.getByRole("link", { name: "90 days" }).click();
    await page.getByText("created in these 90 days").waitFor();
    expect(new URL(page.url()).search).toBe("?days=90");
    await page.reload();
    await page.getByText("created in these 90 days").waitFor();
    await importLeads(tenant, "email\ncarl@example.com\n");
    await page.getByRole("button", { name: "Load again" }).click();
    await page.getByText("3 created in these 90 days").waitFor();
    await close();
  });

  it("says what to do while nothing has happened; a viewer is not offered what would be refused", async () => {
    const { organization_id, ...admin } = await mintTenant();
    const opened = await openConsole("/console/overview", { tenant: { organization_id, ...admin } });
    await opened.page.getByRole("heading", { name: "Nothing has happened here yet" }).waitFor();
    await shoot(opened.page, "overview-empty");
    await opened.page.getByRole("link", { name: "Import leads" }).click();
    await opened.page.getByRole("heading", { name: "Import", level: 1 }).waitFor();
    await opened.close();
    const { page, close } = await openConsole("/console/overview", { tenant: await mintMember(organization_id, { role: "viewer" }) });
    await page.getByRole("link", { name: "Watch events arrive" }).waitFor();
    expect(await page.getByRole("link", { name: /Import leads|Connect a form/ }).count()).toBe(0);
    await close();
  });

  it("fits 400 px, and its numbers can be read without seeing its plots", async () => {
    const { page, close } = await openConsole("/console/overview", {
      tenant: await mintBusyTenant(),
      viewport: { width: 400, height: 700 },
    });
    const events = page.getByRole("region", { name: "Events", exact: true });
    await events.getByText("Values").focus();
    await page.keyboard.press("Enter");
    expect(await events.getByRole("row").last().textContent()).toMatch(/3$/);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    await expectNoAxeViolations(page);
    await close();
  });
});
