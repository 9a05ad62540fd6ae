/** What the pages "Scoring" and "Triggers" call: no more than its verbs allow, and nothing of another organization. */
import { describe, expect, it } from "vitest";
import { mintMember } from "../support/console";
import { asEmail, ingest } from "../support/events";

const RULE = { event_type: "Page View", weight: 30 };
const MILESTONE = { name: "Hot lead", condition: { kind: "milestone", score_threshold: 50 } };

async function mintAll() {
  const admin = await mintMember({ unit_id: "unit_default" });
  const viewer = await mintMember({ organization_id: admin.organization_id, unit_id: "unit_default", role: "viewer" });
  const stranger = await mintMember({ unit_id: "unit_default" });
  const called = async <Returned>(name: string, input: object): Promise<Returned> => {
    const answer = await admin.call(name, input);
    expect(answer.status, await answer.clone().text()).toBe(200);
    return answer.json<Returned>();
  };
  const { ruleset_id } = await called<{ ruleset_id: string }>("scoring.createRuleset", { name: "Website" });
  const rule = await called<{ rule_id: string; updated_at: number }>("scoring.createRule", { ruleset_id, ...RULE });
  const { trigger } = await called<{ trigger: { trigger_id: string; updated_at: number } }>("triggers.create", MILESTONE);
  return { admin, viewer, stranger, ruleset_id, rule, trigger, called };
}

const startsOfDays = [3, 2, 1].map((days) => Date.now() - days * 86_400_000);

describe("scoring", () => {
  it("a rule is created, changed, deleted and restored; a change of what has changed since is 412", async () => {
    const { admin, ruleset_id, rule, called } = await mintAll();
    const { rule_id, updated_at: seen } = rule;
    expect(await called("scoring.changeRule", { rule_id, seen, weight: 40 })).toMatchObject({ ...RULE, weight: 40 });
    expect((await admin.call("scoring.changeRule", { rule_id, seen, weight: 50 })).status).toBe(412);
    expect(await called("scoring.deleteRule", { rule_id })).toEqual({});
    expect(await called("scoring.rulesets", {})).toMatchObject([{ ruleset_id, rules: [] }]);
    expect(await called("scoring.restoreRule", { rule_id })).toMatchObject({ rule_id, weight: 40 });
    expect(await called("scoring.deleteRuleset", { ruleset_id })).toEqual({});
    expect(await called("scoring.restoreRuleset", { ruleset_id })).toMatchObject({ name: "Website" });
    expect(await called("scoring.rulesets", {})).toMatchObject([{ ruleset_id, rules: [{ rule_id }] }]);
  });

  it("a rule that is sent twice with one key is created once", async () => {
    const { admin, ruleset_id, called } = await mintAll();
    const key = { "Idempotency-Key": crypto.randomUUID() };
    const [first, again] = [
      await admin.call("scoring.createRule", { ruleset_id, ...RULE }, key),
      await admin.call("scoring.createRule", { ruleset_id, ...RULE }, key),
    ];
    expect(await again.json()).toEqual(await first.json());
    const [ruleset] = await called<{ rules: unknown[] }[]>("scoring.rulesets", {});
    expect(ruleset?.rules).toHaveLength(2);
  });

  it("what would refuse its own repetition takes place once, and the same call gets the same response", async () => {
    const { admin, ruleset_id, rule, trigger } = await mintAll();
    const { rule_id, updated_at: seen } = rule;
    const twice = async <Returned>(name: string, input: object): Promise<Returned> => {
      const key = { "Idempotency-Key": crypto.randomUUID() };
      const [first, again] = [await admin.call(name, input, key), await admin.call(name, input, key)];
      const shown = await first.text();
      expect([first.status, again.status, await again.text()], name).toEqual([200, 200, shown]);
      return JSON.parse(shown) as Returned;
    };
    const { updated_at } = await twice<{ updated_at: number }>("scoring.changeRule", { rule_id, seen, weight: 40 });
    expect((await admin.call("scoring.changeRule", { rule_id, seen, weight: 50 })).status).toBe(412);
    await twice("scoring.changeRule", { rule_id, seen: updated_at, weight: 60 });
    await twice("scoring.deleteRule", { rule_id });
    await twice("scoring.restoreRule", { rule_id });
    await twice("scoring.deleteRuleset", { ruleset_id });
    await twice("scoring.restoreRuleset", { ruleset_id });
    await twice("triggers.delete", { kind: "milestone", trigger_id: trigger.trigger_id });
    const { version } = await (await admin.call("levels.list", {})).json<{ version: string }>();
    await twice("levels.arrange", { version, levels: [] });
  });

  it("a rule is tried with the names of leads, levels are arranged on the scores of today, and what events have is offered", async () => {
    const { admin, called } = await mintAll();
    await ingest(admin.client, asEmail("ann@example.com", "Page View", { metadata: { path: "/pricing" } }));
    expect(await called("scoring.tryRule", { event_type: "Page View", weight: 7, starts: startsOfDays })).toMatchObject({
      matching_events: 1,
      leads: 1,
      samples: [{ lead_id: expect.stringMatching(/^ld_/), name: "ann@example.com", points: 7, current_score: 30, projected_score: 37 }],
    });
    expect(await called("levels.distribution", {})).toMatchObject({ scores: [[30, 1]], leads: 1, complete_from: null });
    const { version } = await called<{ version: string }>("levels.list", {});
    const hot = { level_id: null, name: "Hot", min_score: 30, max_score: null, color: "#ff0000", position: 0 };
    const arranged = await called<{ version: string }>("levels.arrange", { version, levels: [hot] });
    expect(arranged).toMatchObject({ levels: [{ name: "Hot", level_id: expect.stringMatching(/^lvl_/) }] });
    expect((await admin.call("levels.arrange", { version, levels: [] })).status).toBe(412);
    expect(await called("scoring.eventTypes", {})).toMatchObject([{ name: "Page View", event_count: 1 }]);
    expect(await called("scoring.eventProperties", { event_type: "Page View" })).toEqual(["path"]);
    expect(await called("scoring.eventProperties", { event_type: "Unknown" })).toEqual([]);
  });
});

describe("triggers", () => {
  it("a trigger is changed, paused, deleted and restored; a change of what has changed since is 412", async () => {
    const { admin, trigger, called } = await mintAll();
    const one = { kind: "milestone", trigger_id: trigger.trigger_id };
    const changes = { ...one, seen: trigger.updated_at, condition: { score_threshold: 60 } };
    const { trigger: changed } = await called<{ trigger: { updated_at: number } }>("triggers.change", changes);
    expect(changed).toMatchObject({ name: "Hot lead", condition: { score_threshold: 60 }, active: true });
    expect((await admin.call("triggers.change", changes)).status).toBe(412);
    await called("triggers.change", { ...one, seen: changed.updated_at, active: false });
    expect(await called("triggers.get", one)).toMatchObject({ active: false, kind: "milestone" });
    await called("triggers.delete", one);
    expect(await called("triggers.list", {})).toEqual([]);
    expect(await called("triggers.restore", { ...one, active: true })).toMatchObject({ trigger: { active: true }, signing_secret: null });
    expect(await called("triggers.list", {})).toMatchObject([{ trigger_id: trigger.trigger_id, condition: { score_threshold: 60 } }]);
  });

  it("the secret of a new webhook is in the one response that creates it", async () => {
    const { admin, called } = await mintAll();
    const key = { "Idempotency-Key": crypto.randomUUID() };
    const wanted = { ...MILESTONE, destination: { webhook_url: "https://example.com/hook" } };
    const first = (await (await admin.call("triggers.create", wanted, key)).json()) as { signing_secret: string; trigger: object };
    expect(first.signing_secret).toMatch(/^whsec_/);
    expect(await (await admin.call("triggers.create", wanted, key)).json()).toEqual({ ...first, signing_secret: null });
    expect(JSON.stringify(await called("triggers.list", {}))).not.toContain(first.signing_secret);
  });

  it("a change and a restoration that are sent twice with one key take place once", async () => {
    const { admin, trigger, called } = await mintAll();
    const twice = async (name: string, input: object) => {
      const key = { "Idempotency-Key": crypto.randomUUID() };
      const first = (await (await admin.call(name, input, key)).json()) as { signing_secret: string; trigger: { updated_at: number } };
      expect(first.signing_secret, name).toMatch(/^whsec_/);
      expect(await (await admin.call(name, input, key)).json(), name).toEqual({ ...first, signing_secret: null });
      return first.trigger;
    };
    const one = { kind: "milestone", trigger_id: trigger.trigger_id };
    const destination = { webhook_url: "https://example.com/hook" };
    await twice("triggers.change", { ...one, seen: trigger.updated_at, destination });
    await called("triggers.delete", one);
    const { updated_at } = await twice("triggers.restore", { ...one, active: true });
    expect(await called("triggers.get", one)).toMatchObject({ updated_at });
  });

  it("a condition is tried, and firings are listed, with the names of leads", async () => {
    const { admin, trigger, called } = await mintAll();
    await ingest(admin.client, asEmail("ann@example.com"), asEmail("ann@example.com"));
    expect(await called("triggers.try", { condition: MILESTONE.condition, starts: startsOfDays })).toMatchObject({
      leads: 1,
      firings: 1,
      samples: [{ name: "ann@example.com", event_type: "Page View", score: 60 }],
    });
    const fired = {
      firings: [{ trigger_id: trigger.trigger_id, trigger_name: "Hot lead", lead_name: "ann@example.com" }],
      total: 1,
      pages: 1,
    };
    expect(await called("firings.list", { page: 1 })).toMatchObject(fired);
    expect(await called("firings.list", { page: 1, trigger_id: "trg_other" })).toMatchObject({ firings: [], total: 0 });
    expect(await called("triggers.choices", {})).toEqual({ channels: [], segments: [], levels: [] });
  });
});

it("a viewer reads and tries everything, and changes nothing", async () => {
  const { admin, viewer, ruleset_id, rule, trigger, called } = await mintAll();
  const one = { kind: "milestone", trigger_id: trigger.trigger_id };
  const { rule_id } = rule;
  const reads: [string, object][] = [
    ["scoring.rulesets", {}],
    ["scoring.tryRule", { ...RULE, starts: startsOfDays }],
    ["levels.list", {}],
    ["levels.distribution", {}],
    ["triggers.list", {}],
    ["triggers.get", one],
    ["triggers.choices", {}],
    ["triggers.try", { condition: MILESTONE.condition, starts: startsOfDays }],
    ["firings.list", { page: 1 }],
  ];
  for (const [name, input] of reads) expect((await viewer.call(name, input)).status, name).toBe(200);
  const before = [await called("scoring.rulesets", {}), await called("triggers.list", {}), await called("levels.list", {})];
  const writes: [string, object][] = [
    ["scoring.createRuleset", { name: "More" }],
    ["scoring.changeRuleset", { ruleset_id, seen: 1, name: "Other" }],
    ["scoring.deleteRuleset", { ruleset_id }],
    ["scoring.restoreRuleset", { ruleset_id }],
    ["scoring.createRule", { ruleset_id, ...RULE }],
    ["scoring.changeRule", { rule_id, seen: rule.updated_at, weight: 1 }],
    ["scoring.deleteRule", { rule_id }],
    ["scoring.restoreRule", { rule_id }],
    ["levels.arrange", { version: "", levels: [] }],
    ["triggers.create", MILESTONE],
    ["triggers.change", { ...one, seen: trigger.updated_at, active: false }],
    ["triggers.delete", one],
    ["triggers.restore", { ...one, active: true }],
  ];
  for (const [name, input] of writes) expect((await viewer.call(name, input)).status, name).toBe(403);
  expect([await called("scoring.rulesets", {}), await called("triggers.list", {}), await called("levels.list", {})]).toEqual(before);
  expect((await admin.call("scoring.deleteRule", { rule_id })).status).toBe(200);
});

it("to a stranger they do not exist", async () => {
  const { stranger, ruleset_id, rule, trigger } = await mintAll();
  const one = { kind: "milestone", trigger_id: trigger.trigger_id };
  const attempts: [string, object][] = [
    ["scoring.changeRuleset", { ruleset_id, seen: 1, name: "Mine" }],
    ["scoring.deleteRuleset", { ruleset_id }],
    ["scoring.restoreRuleset", { ruleset_id }],
    ["scoring.createRule", { ruleset_id, ...RULE }],
    ["scoring.changeRule", { rule_id: rule.rule_id, seen: rule.updated_at, weight: 1 }],
    ["scoring.deleteRule", { rule_id: rule.rule_id }],
    ["scoring.restoreRule", { rule_id: rule.rule_id }],
    ["triggers.get", one],
    ["triggers.change", { ...one, seen: trigger.updated_at, active: false }],
    ["triggers.delete", one],
    ["triggers.restore", { ...one, active: true }],
  ];
  for (const [name, input] of attempts) expect((await stranger.call(name, input)).status, name).toBe(404);
  for (const name of ["scoring.rulesets", "triggers.list"]) expect(await (await stranger.call(name, {})).json(), name).toEqual([]);
  expect(await (await stranger.call("firings.list", { page: 1 })).json()).toMatchObject({ total: 0 });
});
