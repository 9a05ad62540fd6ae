/** Profile scoring: how well a lead fits, by the rules of now. */
import { describe, expect, it } from "vitest";
import { post } from "../../support/events";
import { type Client, mintLead, mintTenant } from "../../support/tenant";
import { readProblem } from "../../support/worker";

const RULESETS = "/profile-scoring/rulesets";
const RULE = { profile_field: "job_title", operator: "contains", value: "head", weight: 20 };
type Made = { id: string };

async function mintFit(client: Client) {
  const ruleset = (await post<Made>(client, RULESETS, { name: "Fit" })).id;
  const rule = (await post<Made>(client, `${RULESETS}/${ruleset}/rules`, RULE)).id;
  const mapping = (await post<Made>(client, "/profile-mappings", { metadata_key: "title", profile_field: "job_title" })).id;
  return { ruleset, rule, mapping };
}
const put = (client: Client, path: string, json: unknown) => client.call("PUT", path, { json });
const read = async (client: Client, path: string) => (await client.get(path)).json<Record<string, unknown>>();

describe("a lead's profile score", () => {
  it("follows its metadata and the rules at once, wherever it is shown", async () => {
    const { client } = await mintTenant();
    const lead = await mintLead(client, { email: "alex@example.com" }, { title: "Head of Sales" });
    const { ruleset, rule, mapping } = await mintFit(client);
    await post(client, "/profile-levels", { name: "Good fit", min_score: 15 });
    await post(client, "/engagement-levels", { name: "Cold", min_score: 0 });
    expect(await read(client, `/lead/${lead}`)).toMatchObject({
      score: 0,
      level: { name: "Cold" },
      profile_score: 20,
      profile_scores: { [ruleset]: 20 },
      profile_level: { name: "Good fit" },
    });
    expect(await read(client, `/score/${lead}`)).toMatchObject({ profile_scores: { [ruleset]: 20 }, engagement_scores: {} });
    expect(await read(client, "/leads")).toMatchObject({
      leads: [{ profile_scores: { [ruleset]: 20 }, ruleset_names: { [ruleset]: "Fit" }, profile_primary_ruleset_name: "Fit" }],
    });

    const shown = async () => (await read(client, `/lead/${lead}`)).profile_score;
    await put(client, `${RULESETS}/${ruleset}/rules/${rule}`, { weight: -5 });
    expect(await shown()).toBe(-5);
    await put(client, `${RULESETS}/${ruleset}`, { active: false });
    expect(await shown()).toBe(0);
    await put(client, `${RULESETS}/${ruleset}`, { active: true });
    const changed = await client.call("PATCH", `/lead/${lead}/metadata`, { json: { title: "Intern" } });
    expect(await changed.json()).toMatchObject({ profile_score: 0 });
    await client.call("PATCH", `/lead/${lead}/metadata`, { json: { title: "Head" } });
    expect(await shown()).toBe(-5);
    expect((await client.call("DELETE", `/profile-mappings/${mapping}`)).status).toBe(204);
    expect(await shown()).toBe(0);
  });

  it("can be tried before a rule is created", async () => {
    const { client } = await mintTenant();
    const lead = await mintLead(client, { email: "alex@example.com" }, { title: "Head of Sales" });
    await mintFit(client);
    const test = async (rule: object) => (await client.post("/profile-scoring/test", { lead_id: lead, rule: { ...RULE, ...rule } })).json();
    expect(await test({ value: "sales", weight: 7 })).toEqual({
      matches: true,
      reason: 'job_title is "Head of Sales"',
      current_score: 20,
      projected_score: 27,
    });
    expect(await test({ value: "intern" })).toMatchObject({ matches: false, projected_score: 20 });
    expect(await test({ profile_field: "size" })).toMatchObject({
      matches: false,
      reason: "No mapping fills size: create one with POST /profile-mappings",
    });
    const unknown = { lead_id: "ld_0193f3a2c7b07aa18000c0ffee123456", rule: RULE };
    await readProblem(await client.post("/profile-scoring/test", unknown), 404);
  });
});

describe("definitions of profile scoring", () => {
  it("are created, listed, changed and deleted", async () => {
    const { client } = await mintTenant();
    const { ruleset, rule, mapping } = await mintFit(client);
    expect(await read(client, RULESETS)).toMatchObject({ rulesets: [{ id: ruleset, name: "Fit", active: true }] });
    expect(await read(client, `${RULESETS}/${ruleset}/rules`)).toMatchObject({ rules: [{ id: rule, ruleset_id: ruleset, ...RULE }] });
    expect(await read(client, "/profile-mappings")).toMatchObject({
      profile_mappings: [{ id: mapping, metadata_key: "title", profile_field: "job_title" }],
    });
    expect(await (await put(client, `/profile-mappings/${mapping}`, { profile_field: "role" })).json()).toMatchObject({
      metadata_key: "title",
      profile_field: "role",
    });
    expect((await client.call("DELETE", `${RULESETS}/${ruleset}`)).status).toBe(204);
    await readProblem(await client.get(`${RULESETS}/${ruleset}/rules`), 404);
    await readProblem(await put(client, `${RULESETS}/${ruleset}/rules/${rule}`, { weight: 1 }), 404);
    await readProblem(await client.post(`${RULESETS}/${ruleset}/rules`, RULE), 404);
  });

  it("give a metadata key one mapping, whoever is first", async () => {
    const { client } = await mintTenant();
    const mapping = { metadata_key: "title", profile_field: "job_title" };
    const answers = await Promise.all([1, 2, 3].map(() => client.post("/profile-mappings", mapping)));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    const other = await post<Made>(client, "/profile-mappings", { metadata_key: "position", profile_field: "job_title" });
    await readProblem(await put(client, `/profile-mappings/${other.id}`, { metadata_key: "title" }), 409);
  });

  it.each([
    [RULESETS, { name: " " }, "name"],
    ["/profile-mappings", { metadata_key: "a/b", profile_field: "x" }, "metadata_key"],
    ["/profile-levels", { name: "Good", min_score: 5, max_score: 1 }, "max_score"],
  ])("are refused where they make no sense: %s %j", async (path, body, field) => {
    const { client } = await mintTenant();
    const { errors } = await readProblem(await client.post(path, body), 400);
    expect(errors).toMatchObject([{ path: field }]);
  });

  it("keep each dimension's levels apart", async () => {
    const { client } = await mintTenant();
    for (const path of ["/engagement-levels", "/profile-levels", "/account-levels"]) {
      await post(client, path, { name: path, min_score: 0, max_score: 10 });
      await readProblem(await client.post(path, { name: "Overlap", min_score: 5 }), 409);
      expect(await read(client, path)).toMatchObject({ levels: [{ name: path }] });
    }
  });
});
