/** What the pages of profile scoring call: no more than its verbs allow, and nothing of another organization. */
import { expect, it } from "vitest";
import { mintMember, okCall } from "../support/console";
import { mintLead } from "../support/tenant";

const RULE = { profile_field: "job_title", operator: "contains", value: "head", weight: 20 };

async function mintAll() {
  const admin = await mintMember({ unit_id: "unit_default" });
  const viewer = await mintMember({ organization_id: admin.organization_id, unit_id: "unit_default", role: "viewer" });
  const stranger = await mintMember({ unit_id: "unit_default" });
  const { ruleset_id } = await okCall<{ ruleset_id: string }>(admin, "profileScoring.createRuleset", { name: "Fit" });
  const rule = await okCall<{ rule_id: string; updated_at: number }>(admin, "profileScoring.createRule", { ruleset_id, ...RULE });
  const mapping = { metadata_key: "title", profile_field: "job_title" };
  const { mapping_id } = await okCall<{ mapping_id: string }>(admin, "profileScoring.createMapping", mapping);
  const lead_id = await mintLead(admin.client, { email: "ann@example.com" }, { title: "Head of Sales" });
  return { admin, viewer, stranger, ruleset_id, rule, mapping_id, lead_id };
}

type All = Awaited<ReturnType<typeof mintAll>>;

const readsOf = ({ lead_id, rule: { rule_id } }: All): [string, object][] => [
  ["profileScoring.book", {}],
  ["profileScoring.tryRule", { ...RULE, rule_id }],
  ["profileScoring.tryOnLead", { ...RULE, lead_id }],
  ["levels.list", { dimension: "profile" }],
  ["levels.profileDistribution", {}],
];
const writesOf = ({ ruleset_id, rule: { rule_id, updated_at }, mapping_id }: All): [string, object][] => [
  ["profileScoring.changeRuleset", { ruleset_id, seen: 1, name: "Other" }],
  ["profileScoring.createRule", { ruleset_id, ...RULE }],
  ["profileScoring.changeRule", { ruleset_id, rule_id, seen: updated_at, weight: 1 }],
  ["profileScoring.deleteRule", { ruleset_id, rule_id }],
  ["profileScoring.deleteRuleset", { ruleset_id }],
  ["profileScoring.changeMapping", { mapping_id, profile_field: "other" }],
  ["profileScoring.deleteMapping", { mapping_id }],
];

it("a rule and a ruleset are changed as they were seen: otherwise 412, and nothing is lost", async () => {
  const { admin, ruleset_id, rule } = await mintAll();
  const { rule_id, updated_at: seen } = rule;
  const changed = { ruleset_id, rule_id, seen };
  expect(await okCall(admin, "profileScoring.changeRule", { ...changed, weight: 40 })).toMatchObject({ ...RULE, weight: 40 });
  expect((await admin.call("profileScoring.changeRule", { ...changed, weight: 50 })).status).toBe(412);
  expect((await admin.call("profileScoring.changeRule", { ...changed, rule_id: "prule_none", weight: 50 })).status).toBe(404);
  expect((await admin.call("profileScoring.changeRuleset", { ruleset_id, seen: 1, name: "Other" })).status).toBe(412);
  expect(await okCall(admin, "profileScoring.book", {})).toMatchObject({ rulesets: [{ name: "Fit", rules: [{ weight: 40 }] }] });
});

it("a ruleset that is sent again with one key is created again once, with its rules", async () => {
  const { admin } = await mintAll();
  const key = { "Idempotency-Key": crypto.randomUUID() };
  const wish = { name: "Back", active: false, rules: [{ ...RULE, active: true }] };
  const first = await (await admin.call("profileScoring.recreateRuleset", wish, key)).json();
  expect(await (await admin.call("profileScoring.recreateRuleset", wish, key)).json()).toEqual(first);
  const { rulesets } = await okCall<{ rulesets: object[] }>(admin, "profileScoring.book", {});
  expect(rulesets).toMatchObject([{ name: "Fit" }, { name: "Back", active: false, rules: [RULE] }]);
});

it("a lead shows its profile score, its level and what each ruleset gave; the levels of engagement are others", async () => {
  const { admin, ruleset_id, lead_id } = await mintAll();
  const { version } = await okCall<{ version: string }>(admin, "levels.list", { dimension: "profile" });
  const level = { level_id: null, name: "Good fit", min_score: 10, max_score: null, color: "#22c55e", position: 0 };
  await okCall(admin, "levels.arrange", { dimension: "profile", version, levels: [level] });
  expect(await okCall(admin, "leads.get", { lead_id })).toMatchObject({
    profile_score: { score: 20, level: { name: "Good fit" }, rulesets: [{ ruleset_id, name: "Fit", points: 20 }] },
  });
  expect(await okCall(admin, "leads.list", {})).toMatchObject({ leads: [{ profile_score: 20 }] });
  expect(await okCall(admin, "levels.list", {})).toMatchObject({ levels: [] });
});

it("a viewer reads and tries everything, and changes nothing", async () => {
  const all = await mintAll();
  const { admin, viewer } = all;
  for (const [name, input] of readsOf(all)) expect((await viewer.call(name, input)).status, name).toBe(200);
  const before = await okCall(admin, "profileScoring.book", {});
  const creations: [string, object][] = [
    ["profileScoring.createRuleset", { name: "More" }],
    ["profileScoring.recreateRuleset", { name: "More", rules: [] }],
    ["profileScoring.createMapping", { metadata_key: "position", profile_field: "job_title" }],
    ["levels.arrange", { dimension: "profile", version: "", levels: [] }],
  ];
  for (const [name, input] of [...writesOf(all), ...creations]) expect((await viewer.call(name, input)).status, name).toBe(403);
  expect(await okCall(admin, "profileScoring.book", {})).toEqual(before);
});

it("to a stranger they do not exist", async () => {
  const all = await mintAll();
  const { stranger, lead_id } = all;
  for (const [name, input] of writesOf(all)) expect((await stranger.call(name, input)).status, name).toBe(404);
  expect((await stranger.call("profileScoring.tryOnLead", { ...RULE, lead_id })).status).toBe(404);
  expect(await okCall(stranger, "profileScoring.book", {})).toEqual({ rulesets: [], mappings: [] });
  expect(await okCall(stranger, "profileScoring.tryRule", RULE)).toMatchObject({ checked: 0, samples: [] });
});
