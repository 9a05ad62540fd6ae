/** Every verb of triggers that writes refuses a viewer and input outside its limits, whichever dialect calls it. */
import { expect, it } from "vitest";
import type { Ctx } from "../../../src/context";
import { createSegment } from "../../../src/core/segments";
import {
  changeTrigger,
  createTrigger,
  deleteTrigger,
  restoreTrigger,
  type TriggerChanges,
  type TriggerInput,
} from "../../../src/core/triggers";
import { TRIGGER_KINDS, type TriggerKind } from "../../../src/vocabulary";
import { mintCtx, withRole } from "../../support/context";
import { rowsOf } from "../../support/events";

const CONDITIONS = {
  milestone: { kind: "milestone", score_threshold: 50 },
  sequence: { kind: "sequence", event_types: ["Page View", "Demo Request"], window_seconds: 3600 },
  surge: { kind: "surge", threshold: 3, window_seconds: 3600 },
  segment: { kind: "segment", segment_id: "", on: "entered" },
} as const satisfies Record<TriggerKind, TriggerInput["condition"]>;

type Given = { ctx: Ctx; kind: TriggerKind; condition: TriggerInput["condition"]; trigger: string; deleted: string };

async function mintGiven(kind: TriggerKind): Promise<Given> {
  const ctx = withRole(await mintCtx(), "editor");
  const condition = { ...CONDITIONS[kind], ...(kind === "segment" ? { segment_id: await mintSegment(ctx) } : {}) };
  const { trigger } = await createTrigger(ctx, { name: "Hot", condition });
  const { trigger: former } = await createTrigger(ctx, { name: "Former", condition });
  await deleteTrigger(ctx, kind, former.trigger_id);
  return { ctx, kind, condition, trigger: trigger.trigger_id, deleted: former.trigger_id };
}

const mintSegment = async (ctx: Ctx) =>
  (await createSegment(ctx, { name: "S", rules: { type: "score", operator: "greater_than", value: 1 } })).segment_id;

const stored = ({ ctx: { unit } }: Given) => Promise.all(["triggers", "notification_channels"].map((table) => rowsOf(unit.unit, table)));

const VERBS: [string, (given: Given) => Promise<unknown>][] = [
  ["createTrigger", ({ ctx, condition }) => createTrigger(ctx, { name: "More", condition })],
  ["changeTrigger", ({ ctx, kind, trigger }) => changeTrigger(ctx, kind, trigger, { active: false })],
  ["deleteTrigger", ({ ctx, kind, trigger }) => deleteTrigger(ctx, kind, trigger)],
  ["restoreTrigger", ({ ctx, kind, deleted }) => restoreTrigger(ctx, kind, deleted, true)],
];

it.each(VERBS)("%s: a viewer is refused and nothing changes; an editor may", async (_, call) => {
  for (const kind of TRIGGER_KINDS) {
    const given = await mintGiven(kind);
    const before = await stored(given);
    await expect(call({ ...given, ctx: withRole(given.ctx, "viewer") })).rejects.toMatchObject({ code: "forbidden" });
    expect(await stored(given)).toEqual(before);
    await call(given);
    expect(await stored(given)).not.toEqual(before);
  }
});

const HOSTILE_FIELDS: Record<TriggerKind, Record<string, unknown[]>> = {
  milestone: {
    score_threshold: [Number.NaN, Number.POSITIVE_INFINITY, "50", null],
    event_type: ["", "x".repeat(129), 5],
    fire_mode: ["twice", null],
    cooldown_seconds: [-1, 1.5, 1e12],
  },
  sequence: {
    event_types: [[], [""], new Array(21).fill("Page View"), "Page View"],
    window_seconds: [0, -1, 1.5, 1e12, null],
    window_unit: ["x".repeat(21), 5],
    ordered: ["yes", 1],
  },
  surge: { event_type: ["", 5], threshold: [-3, 0, 1.5, 100_001], window_seconds: [0, 1e12, "3600"] },
  segment: { segment_id: ["", "seg_of_nobody", "x".repeat(101), 5, null], on: ["joined", "", null] },
};
const HOSTILE_DESTINATIONS = [
  { channel_ids: "all" },
  { channel_ids: new Array(21).fill("nch_1") },
  { channel_ids: ["nch_of_nobody"] },
  { webhook_url: `https://example.com/${"x".repeat(2000)}` },
  { webhook_url: "http://169.254.169.254/latest" },
  { webhook_url: "nowhere" },
  { emails: new Array(51).fill("ann@example.com") },
  { email_message: "x".repeat(5001) },
];

it.each(TRIGGER_KINDS)(
  "%s: input outside the limits is invalid_request in a new trigger and in a change, and nothing is stored",
  async (kind) => {
    const given = await mintGiven(kind);
    const before = await stored(given);
    const conditions = Object.entries(HOSTILE_FIELDS[kind]).flatMap(([field, values]) => values.map((value) => ({ [field]: value })));
    const names = ["", " ", "x".repeat(5000), "a\0b", 5, null].map((name) => ({ name }));
    const parts = [
      ...conditions.map((condition) => ({ condition })),
      ...HOSTILE_DESTINATIONS.map((destination) => ({ destination })),
      ...names,
      { active: "yes" },
      { condition: "always" },
    ];
    const whole = { name: "Hot", condition: given.condition };
    const inputs = parts.map((part) => ({
      ...whole,
      ...part,
      ...("condition" in part && typeof part.condition === "object" ? { condition: { ...given.condition, ...part.condition } } : {}),
    }));
    for (const input of [undefined, {}, [], { name: "Hot" }, { ...whole, condition: { ...given.condition, kind: "whim" } }, ...inputs]) {
      const refusal = await createTrigger(given.ctx, input as TriggerInput).catch((error: unknown) => error);
      expect(refusal, JSON.stringify(input)).toMatchObject({ code: "invalid_request" });
    }
    for (const changes of [undefined, {}, [], { condition: {} }, { destination: {} }, ...parts]) {
      const refusal = await changeTrigger(given.ctx, kind, given.trigger, changes as TriggerChanges).catch((error: unknown) => error);
      expect(refusal, JSON.stringify(changes)).toMatchObject({ code: "invalid_request" });
    }
    expect(await stored(given)).toEqual(before);
  },
);

it("a change takes no field of another kind's condition, and fields that are undefined stay", async () => {
  const { ctx, kind, trigger } = await mintGiven("surge");
  const changes = { name: undefined, condition: { threshold: 9, window_seconds: undefined, score_threshold: 1 } };
  const { trigger: changed } = await changeTrigger(ctx, kind, trigger, changes);
  expect(changed).toMatchObject({ name: "Hot", active: true });
  expect(changed.condition).toEqual({ ...CONDITIONS.surge, event_type: null, threshold: 9 });
});
