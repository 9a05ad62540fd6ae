/** Scoring of profiles: rules on the fields of leads are created, tried, saved and taken back without an API. */
import { describe, expect, it } from "vitest";
import { importLeads, mintMember, mintTenant, noBrowser, openConsole, shoot, type Tenant } from "./support/console";

const LEADS = "email,title\nann@example.com,Head of Sales\nbob@example.com,Head of IT\neve@example.com,Intern\n";
const PHONE = { viewport: { width: 400, height: 800 } };

async function created(tenant: Tenant, path: string, json: unknown): Promise<string> {
  const answer = await tenant.api("POST", path, json);
  if (answer.status !== 201) throw new Error(`${path} returned ${answer.status}: ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

async function mintFit(tenant: Tenant): Promise<string> {
  const ruleset = await created(tenant, "/profile-scoring/rulesets", { name: "Fit" });
  const rule = { profile_field: "job_title", operator: "contains", value: "head", weight: 20 };
  const id = await created(tenant, `/profile-scoring/rulesets/${ruleset}/rules`, rule);
  await created(tenant, "/profile-mappings", { metadata_key: "title", profile_field: "job_title" });
  return id;
}

describe.skipIf(noBrowser)("profile scoring", () => {
  it("a rule is created together with the source of its field, tried on the leads and on one lead, and changes scores at once", async () => {
    const tenant = await mintTenant();
    await importLeads(tenant, LEADS, { title: "title" });
    const { page, errors, close } = await openConsole("/console/scoring", { tenant });
    await page.getByRole("link", { name: "Profile rules" }).click();
    await page.getByRole("heading", { name: "No rulesets yet" }).waitFor();
    await page.getByRole("button", { name: "New ruleset" }).click();
    await page.getByRole("dialog", { name: "New ruleset" }).getByLabel("Name").fill("Role");
    await page.keyboard.press("Enter");
    await page.getByRole("link", { name: "New rule" }).click();

    await page.getByLabel("When the field").fill("job_title");
    await page.getByLabel("Comparison").selectOption("contains");
    await page.getByLabel("Value").fill("head");
    await page.getByLabel("Points", { exact: true }).fill("30");
    await page.getByRole("button", { name: "Try it", exact: true }).click();
    await page.getByText("Nothing fills job_title yet: save the rule").waitFor();
    await page.getByLabel("Field of the lead").fill("title");
    await page.getByRole("button", { name: "Save" }).click();
    const rules = page.getByRole("list", { name: "Rules of Role" });
    await rules.getByText("from title").waitFor();
    await shoot(page, "scoring-profile");

    await rules.getByRole("link", { name: "job title contains head" }).click();
    await page.getByLabel("Points", { exact: true }).fill("40");
    await page.getByRole("button", { name: "Try it", exact: true }).click();
    await page.getByText("2 leads of 3 match (66.7%).").waitFor();
    const matching = page.getByRole("list", { name: "Leads that match" });
    expect(await matching.getByText("30 → 40").count()).toBe(2);
    await page.getByRole("button", { name: "Choose a lead" }).click();
    await page.getByLabel("Which lead?").fill("eve");
    await page.getByRole("button", { name: "Choose eve@example.com" }).click();
    await page.getByText('does not match: job_title is "Intern".').waitFor();
    await shoot(page, "scoring-profile-rule");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("The rule is saved").waitFor();

    await page.getByRole("link", { name: "eve@example.com" }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Try it", exact: true }).click();
    await matching.getByRole("link", { name: "ann@example.com" }).click();
    await page.getByRole("heading", { name: "Profile score: 40" }).waitFor();
    await page.getByRole("list", { name: "Points by ruleset" }).getByText("+40").waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it("what is deleted comes back by undo: a rule, a source, and a ruleset with its rules", async () => {
    const tenant = await mintTenant();
    await mintFit(tenant);
    const { page, errors, close } = await openConsole("/console/scoring?show=profile", { tenant });
    const rule = page.getByRole("link", { name: "job title contains head" });
    for (const name of ["Delete the rule for job title contains head", "Delete Fit"]) {
      await rule.waitFor();
      await page.getByRole("button", { name }).click();
      await rule.waitFor({ state: "detached" });
      await page.getByRole("button", { name: "Undo" }).last().click();
    }
    await rule.waitFor();
    await page.getByRole("button", { name: "Delete title" }).click();
    await page.getByText("Nothing fills this field yet").waitFor();
    await page.getByRole("button", { name: "Undo" }).last().click();
    await page.getByText("from title").waitFor();
    expect(errors).toEqual([]);
    await close();
  });

  it("a rule that somebody else has changed meanwhile is not overwritten", async () => {
    const tenant = await mintTenant();
    await mintFit(tenant);
    const { page, close } = await openConsole("/console/scoring?show=profile", { tenant });
    await page.getByRole("link", { name: "job title contains head" }).click();
    await page.getByLabel("Points", { exact: true }).fill("50");
    const { rulesets } = (await (await tenant.api("GET", "/profile-scoring/rulesets")).json()) as { rulesets: { id: string }[] };
    const id = page.url().split("/").pop();
    expect((await tenant.api("PUT", `/profile-scoring/rulesets/${rulesets[0]?.id}/rules/${id}`, { weight: 60 })).status).toBe(200);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Somebody else has changed it since you opened it").waitFor();
    expect(await page.getByLabel("Points", { exact: true }).inputValue()).toBe("50");
    await close();
  });

  it("profile levels lie on the profile scores of today and are not those of engagement", async () => {
    const tenant = await mintTenant();
    await importLeads(tenant, LEADS, { title: "title" });
    await mintFit(tenant);
    const { page, errors, close } = await openConsole("/console/scoring?show=profile-levels", { tenant });
    await page.getByRole("button", { name: "Add a level" }).click();
    await page.getByLabel("Name").fill("Good fit");
    await page.getByLabel("From", { exact: true }).fill("20");
    await page.getByRole("img", { name: "Leads by score. Good fit: 2 leads" }).waitFor();
    await page.getByText("All 3 leads.").waitFor();
    await page.getByRole("button", { name: "Save levels" }).click();
    await page.getByText("The levels are saved").waitFor();
    await shoot(page, "scoring-profile-levels");
    const levels = async (path: string) => ((await (await tenant.api("GET", path)).json()) as { levels: object[] }).levels;
    expect(await levels("/profile-levels")).toMatchObject([{ name: "Good fit", min_score: 20 }]);
    expect(await levels("/engagement-levels")).toEqual([]);
    expect(errors).toEqual([]);
    await close();
  });

  it("a viewer sees and tries everything and changes nothing; all of it fits a phone of 400 px", async () => {
    const admin = await mintTenant();
    await importLeads(admin, LEADS, { title: "title" });
    await mintFit(admin);
    const viewer = await mintMember(admin.organization_id, { role: "viewer" });
    const { page, errors, close } = await openConsole("/console/scoring?show=profile", { tenant: viewer, ...PHONE });
    const fits = async (name: string) => {
      await shoot(page, `${name}-400px`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
      expect(await page.getByRole("button", { name: /New|Save|Create|Delete|Pause|Resume|Change|Add/ }).count()).toBe(0);
    };
    const rule = page.getByRole("link", { name: "job title contains head" });
    await rule.waitFor();
    await fits("scoring-profile");
    await rule.click();
    await page.getByRole("button", { name: "Try it", exact: true }).click();
    await page.getByText("2 leads of 3 match").waitFor();
    await fits("scoring-profile-rule");
    expect(errors).toEqual([]);
    await close();
  });
});
