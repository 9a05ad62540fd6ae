/** Triggers in words. Pure. */
import type { CallInput, CallOutput } from "../../../server/calls";
import { counted, formatDecimal } from "../../format";

export type Trigger = CallOutput<"triggers.list">[number];
export type Kind = Trigger["kind"];
export type Condition = Trigger["condition"];
export type Choices = CallOutput<"triggers.choices">;
export type SentCondition = CallInput<"triggers.create">["condition"];

export const KINDS: Record<Kind, { title: string; hint: string }> = {
  milestone: { title: "A score reaches a number", hint: "Hot lead: the score passes 50" },
  sequence: { title: "A lead does several things", hint: "Saw the prices, then asked for a demo, within a week" },
  surge: { title: "A lead is suddenly busy", hint: "Five page views within an hour" },
  segment: { title: "A lead enters or leaves a segment", hint: "Became ready for sales" },
};

/** Of a webhook that a trigger has of its own. */
export const TRIGGER_SECRET = { title: "Signing secret of the webhook", label: "Signing secret" };

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;
export type DurationUnit = (typeof UNITS)[number][0];

/** 7200 seconds are 2 hours. */
export function durationOf(seconds: number): { amount: number; unit: DurationUnit } {
  const [unit, length] = UNITS.find(([, length]) => seconds >= length && seconds % length === 0) ?? UNITS[3];
  return { amount: seconds / length, unit };
}

export const secondsOf = (amount: number, unit: DurationUnit): number => amount * (UNITS.find(([name]) => name === unit)?.[1] ?? 1);

const durationWords = (seconds: number): string => {
  const { amount, unit } = durationOf(seconds);
  return counted(amount, unit);
};

/** `names` of segments by their ids. */
export function conditionWords(condition: Condition, names: ReadonlyMap<string, string>): string {
  const words = kindWords(condition, names);
  return "filter" in condition && condition.filter ? `${words}, only some leads` : words;
}

function kindWords(condition: Condition, names: ReadonlyMap<string, string>): string {
  switch (condition.kind) {
    case "milestone": {
      const by = condition.event_type === null ? "" : ` by ${condition.event_type}`;
      return `The score reaches ${formatDecimal(condition.score_threshold)}${by}, ${timesWords(condition)}`;
    }
    case "sequence":
      return `${condition.event_types.join(condition.ordered ? ", then " : " and ")} within ${durationWords(condition.window_seconds)}`;
    case "surge":
      return `${counted(condition.threshold, "event")}${condition.event_type === null ? "" : ` of ${condition.event_type}`} within ${durationWords(condition.window_seconds)}`;
    case "segment":
      return `A lead ${condition.on === "entered" ? "enters" : "leaves"} ${names.get(condition.segment_id) ?? "a segment that is gone"}`;
  }
}

const timesWords = ({ fire_mode, cooldown_seconds }: Extract<Condition, { kind: "milestone" }>): string => {
  if (fire_mode === "once") return "once for each lead";
  return cooldown_seconds === 0 ? "every time" : `at most once in ${durationWords(cooldown_seconds)}`;
};

/** Whom it notifies; `names` of channels by their ids. */
export function destinationWords({ channel_ids, webhook_url, emails }: Trigger["destination"], names: ReadonlyMap<string, string>): string {
  const all = [
    ...channel_ids.map((id) => names.get(id) ?? "a channel that is gone"),
    ...emails,
    ...(webhook_url === null ? [] : [webhook_url]),
  ];
  return all.length === 0 ? "notifies nobody: it only records" : `notifies ${all.join(", ")}`;
}

export const namesOf = (choices: Choices | undefined) => ({
  segments: new Map(choices?.segments.map(({ segment_id, name }) => [segment_id, name])),
  channels: new Map(choices?.channels.map(({ channel_id, name }) => [channel_id, name])),
});
