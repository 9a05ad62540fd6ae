/** Scoring and triggers: what a change would do is seen before it is saved, what is saved is at work at once, and what is deleted comes back. */
import { describe, expect, it } from "vitest";
import { mintMember, mintTenant, noBrowser, openConsole, shoot, type Tenant } from "./support/console";

const PHONE = { viewport: { width: 400, height: 800 } };
const HOUR_MS = 3_600_000;

async function created<Created>(tenant: Tenant, path: string, json: unknown): Promise<Created> {
  const answer = await tenant.api("POST", path, json);
  if (answer.status !== 201) throw new Error(`${path} returned ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Created;
}

async function mintRule(tenant: Tenant, weight = 30): Promise<void> {
  const { id } = await created<{ id: string }>(tenant, "/engagement-scoring/rulesets", { name: "Website" });
  await created(tenant, `/engagement-scoring/rulesets/${id}/rules`, { event_type: "Page View", weight });
}

/** A page view, on the timeline by the time this returns. */
async function visit(tenant: Tenant, email: string, { hoursAgo = 0, path = "/pricing" } = {}): Promise<void> {
  const sent = await tenant.api("POST", "/ingest", {
    event_type: "Page View",
    aliases: [{ alias_kind: "email", raw_value: email }],
    metadata: { path },
    timestamp: new Date(Date.now() - hoursAgo * HOUR_MS).toISOString(),
  });
  const { event_id } = (await sent.json()) as { event_id: string };
  for (;;) {
    const receipt = (await (await tenant.api("GET", `/ingest/receipts/${event_id}`)).json()) as { status: string };
    if (receipt.status === "processed") return;
    await new Promise((done) => setTimeout(done, 100));
  }
}

const levelOf = (name: string, min_score: number, max_score: number | null, order: number) => ({ name, min_score, max_score, order });

describe.skipIf(noBrowser)("scoring", () => {
  it("a rule is tried before it is saved, with the half-life of its points drawn; deleted, it comes back by undo", async () => {
    const tenant = await mintTenant();
    await visit(tenant, "ann@example.com");
    await visit(tenant, "bob@example.com", { path: "/blog" });
    const { page, errors, close } = await openConsole("/console/scoring", { tenant });
    await page.getByRole("button", { name: "New ruleset" }).click();
    await page.getByRole("dialog", { name: "New ruleset" }).getByLabel("Name").fill("Website");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "New rule" }).click();

    await page.getByLabel("When a lead does").fill("Page View");
    await page.getByLabel("Points", { exact: true }).fill("40");
    await page.getByLabel("Days until half of them are left").fill("10");
    await page.getByRole("img", { name: "Points: 40 at once, 20 after 10 days, 10 after 20 days" }).waitFor();
    await page.getByRole("button", { name: "Add a condition" }).click();
    await page.getByLabel("Detail").fill("path");
    await page.getByRole("textbox", { name: "Value" }).fill("/pricing");
    await page.getByRole("button", { name: "Try it" }).click();
    await page.getByText("would have got points, for 1 of 2 events of this type.").waitFor();
    await page.getByRole("list", { name: "Leads that would have got most points" }).getByText("0 → 40").waitFor();
    await shoot(page, "scoring-rule");
    await page.getByRole("textbox", { name: "Value" }).fill("/blog");
    await page.getByText("Changed since: try it again").waitFor();

    await page.getByRole("button", { name: "Save" }).click();
    const rules = page.getByRole("list", { name: "Rules of Website" });
    await rules.getByText("path is /blog").waitFor();
    await rules.getByText("half after 10 days").waitFor();
    await shoot(page, "scoring");
    await page.getByRole("button", { name: "Delete the rule for Page View" }).click();
    await page.getByText("It has no rules yet").waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await rules.getByText("path is /blog").waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it("a number that is missing is refused at its field, and nothing that was typed is lost", async () => {
    const tenant = await mintTenant();
    await mintRule(tenant);
    const { page, close } = await openConsole("/console/scoring", { tenant });
    await page.getByRole("link", { name: "Page View" }).click();
    await page.getByLabel("Points", { exact: true }).fill("");
    await page.getByLabel("When a lead does").fill("Demo Request");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Enter a number").waitFor();
    expect(await page.getByLabel("Points", { exact: true }).evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await page.getByLabel("When a lead does").inputValue()).toBe("Demo Request");
    await close();
  });

  it("a rule that somebody else has changed meanwhile is not overwritten", async () => {
    const tenant = await mintTenant();
    await mintRule(tenant);
    const { page, close } = await openConsole("/console/scoring", { tenant });
    await page.getByRole("link", { name: "Page View" }).click();
    await page.getByLabel("Points", { exact: true }).fill("50");
    const id = page.url().split("/").pop();
    expect((await tenant.api("PUT", `/rules/${id}`, { weight: 60 })).status).toBe(200);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Somebody else has changed it since you opened it").waitFor();
    await page.reload();
    await page.getByRole("img", { name: /^Points: 60 at once/ }).waitFor();
    await close();
  });

  it("a boundary is moved by keyboard and by pointer on today's scores; the leads of each level are seen before it is saved, and undone", async () => {
    const tenant = await mintTenant();
    await mintRule(tenant);
    for (const level of [levelOf("Cold", 0, 49, 0), levelOf("Hot", 50, null, 1)]) await created(tenant, "/engagement-levels", level);
    await visit(tenant, "ann@example.com");
    for (let times = 0; times < 2; times++) await visit(tenant, "bob@example.com");
    const { page, errors, close } = await openConsole("/console/scoring?show=levels", { tenant });
    const lines = page.getByRole("list", { name: "Levels, from the lowest" }).getByRole("listitem");
    await page.getByRole("img", { name: "Leads by score. Cold: 1 lead, Hot: 1 lead" }).waitFor();
    await shoot(page, "scoring-levels");

    const handle = page.getByRole("slider", { name: "Hot begins at" });
    await handle.focus();
    for (let pressed = 0; pressed < 2; pressed++) await page.keyboard.press("PageDown");
    expect(await handle.getAttribute("aria-valuenow")).toBe("30");
    expect(await lines.nth(0).getByLabel("To").inputValue()).toBe("29");
    await lines.nth(1).getByText("2 leads").waitFor();
    await page.getByText("Not saved yet").waitFor();
    await page.getByRole("button", { name: "Save levels" }).click();
    await page.getByText("The levels are saved").waitFor();
    const stored = async () => {
      const answer = await tenant.api("GET", "/engagement-levels");
      const { levels } = (await answer.json()) as { levels: { name: string; min_score: number; max_score: number | null }[] };
      return levels.map(({ name, min_score, max_score }) => [name, min_score, max_score]);
    };
    expect(await stored()).toEqual([
      ["Cold", 0, 29],
      ["Hot", 30, null],
    ]);
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByText("The levels are as they were").waitFor();
    expect(await stored()).toEqual([
      ["Cold", 0, 49],
      ["Hot", 50, null],
    ]);

    const grip = await handle.boundingBox();
    if (!grip) throw new Error("the handle is not drawn");
    const [x, y] = [grip.x + grip.width / 2, grip.y + grip.height / 2];
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x - 60, y, { steps: 4 });
    await page.mouse.up();
    expect(Number(await handle.getAttribute("aria-valuenow"))).toBeLessThan(50);
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByText("Not saved yet").waitFor({ state: "detached" });
    expect(await handle.getAttribute("aria-valuenow")).toBe("50");
    expect(errors).toEqual([]);
    await close();
  });
});

describe.skipIf(noBrowser)("triggers", () => {
  it("a trigger is tried on the past, saved with the keyboard, and fires for an event that arrives; deleted, it comes back by undo", async () => {
    const tenant = await mintTenant();
    await mintRule(tenant);
    for (const hoursAgo of [5, 4]) await visit(tenant, "ann@example.com", { hoursAgo });
    await visit(tenant, "bob@example.com");
    const { page, errors, close } = await openConsole("/console/triggers", { tenant });
    await page.getByRole("heading", { name: "No triggers yet" }).waitFor();
    await page.getByRole("main").getByRole("link", { name: "New trigger" }).first().click();
    await page.getByLabel("Name").fill("Hot lead");
    await page.keyboard.press("Tab");
    expect(await page.getByRole("radio", { name: /^A score reaches a number/ }).evaluate((field) => field === document.activeElement)).toBe(
      true,
    );
    await page.getByRole("button", { name: "Try it" }).click();
    await page.getByText("It would have fired for 1 lead, 1 time in all, in the last 30 days.").waitFor();
    await page.getByRole("list", { name: "Examples" }).getByRole("link", { name: "ann@example.com" }).waitFor();
    await shoot(page, "trigger");

    await page.getByLabel("Name").focus();
    await page.keyboard.press("Enter");
    await page.getByText("Hot lead is active from now on").waitFor();
    await page.getByText("The score reaches 50, once for each lead").waitFor();
    await shoot(page, "triggers");

    await page.getByRole("link", { name: "Recent firings" }).click();
    await page.getByRole("heading", { name: "Nothing has fired yet" }).waitFor();
    await visit(tenant, "bob@example.com");
    const firings = page.getByRole("list", { name: "Firings" });
    await firings.getByRole("link", { name: "bob@example.com" }).waitFor();
    await shoot(page, "triggers-firings");

    await page.getByRole("navigation", { name: "Triggers" }).getByRole("link", { name: "Triggers" }).click();
    await page.getByRole("button", { name: "Pause Hot lead" }).click();
    await page.getByText("paused", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Delete Hot lead" }).click();
    await page.getByRole("heading", { name: "No triggers yet" }).waitFor();
    await page.getByRole("button", { name: "Undo" }).click();
    await page.getByRole("button", { name: "Resume Hot lead" }).waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it("each kind is a form in words, and what was saved is what the form shows again", async () => {
    const tenant = await mintTenant();
    const { page, close } = await openConsole("/console/triggers/milestone/new", { tenant });
    await page.getByLabel("Name").fill("Ready to buy");
    await page.getByRole("radio", { name: /^A lead does several things/ }).check();
    await page.waitForURL(/\/triggers\/sequence\/new$/);
    await page.getByRole("combobox", { name: "Event 1" }).fill("Page View");
    await page.getByRole("combobox", { name: "Event 2" }).fill("Demo Request");
    await page.getByRole("spinbutton", { name: "Within" }).fill("3");
    await page.getByLabel("With the status").selectOption("new");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByText("Page View, then Demo Request within 3 days, only some leads").waitFor();
    await page.getByRole("link", { name: "Ready to buy" }).click();
    expect(await page.getByRole("combobox", { name: "Event 2" }).inputValue()).toBe("Demo Request");
    expect(await page.getByLabel("With the status").inputValue()).toBe("new");
    await page.getByLabel("In this order").uncheck();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Ready to buy is saved").waitFor();
    const { sequences } = (await (await tenant.api("GET", "/sequences")).json()) as { sequences: object[] };
    expect(sequences).toMatchObject([
      {
        event_types: ["Page View", "Demo Request"],
        ordered: false,
        window_seconds: 3 * 86_400,
        filter: { type: "lead", field: "status", operator: "equals", value: "new" },
      },
    ]);
    await close();
  });

  it("the signing secret of a trigger's own webhook is shown once", async () => {
    const { page, close } = await openConsole("/console/triggers/surge/new");
    await page.getByLabel("Name").fill("Busy");
    await page.getByText("Somewhere else").click();
    await page.getByLabel("Webhook address").fill("https://example.com/hook");
    await page.getByRole("button", { name: "Create" }).click();
    const dialog = page.getByRole("dialog", { name: "Signing secret of the webhook" });
    await dialog.getByText(/^whsec_/).waitFor();
    await dialog.getByRole("button", { name: "I have copied it" }).click();
    await page.getByText("5 events within 1 hour").waitFor();
    await close();
  });

  it("a viewer sees everything, tries everything and changes nothing; all of it fits a phone of 400 px", async () => {
    const admin = await mintTenant();
    await mintRule(admin);
    await created(admin, "/engagement-levels", levelOf("Hot", 50, null, 0));
    const { id } = await created<{ id: string }>(admin, "/triggers", { name: "Hot lead", score_threshold: 20 });
    await visit(admin, "ann@example.com");
    const viewer = await mintMember(admin.organization_id, { role: "viewer" });
    const { page, errors, close } = await openConsole("/console/scoring", { tenant: viewer, ...PHONE });
    const fits = async (name: string) => {
      await shoot(page, `${name}-400px`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
      expect(await page.getByRole("button", { name: /New|Save|Create|Delete|Pause|Resume|Change|Add|Remove/ }).count()).toBe(0);
    };
    const rule = page.getByRole("link", { name: "Page View" });
    await rule.waitFor();
    await fits("scoring");
    await rule.click();
    await page.getByRole("button", { name: "Try it" }).click();
    await page.getByText("would have got points").first().waitFor();
    await fits("scoring-rule");
    await page.goto(page.url().replace(/\/scoring.*/, "/scoring?show=levels"));
    await page.getByRole("img", { name: /^Leads by score/ }).waitFor();
    expect(await page.getByRole("slider").count()).toBe(0);
    await fits("scoring-levels");
    await page.goto(page.url().replace(/\/scoring.*/, `/triggers/milestone/${id}`));
    await page.getByRole("button", { name: "Try it" }).click();
    await page.getByText("It would have fired for 1 lead").waitFor();
    await fits("trigger");
    expect(errors).toEqual([]);
    await close();
  });
});
