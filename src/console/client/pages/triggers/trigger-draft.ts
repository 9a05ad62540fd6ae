/** A trigger as it is edited: numbers are what was typed. Pure. */
import type { CallInput } from "../../../server/calls";
import { typedNumber } from "../../typed-number";
import { type Condition, type DurationUnit, durationOf, type Kind, type SentCondition, secondsOf, type Trigger } from "./words";

export type Duration = { amount: string; unit: DurationUnit };
type SentDestination = NonNullable<CallInput<"triggers.create">["destination"]>;

/** Fields of every kind: what was typed stays when another kind is chosen. */
export type TriggerDraft = {
  name: string;
  kind: Kind;
  score_threshold: string;
  /** empty: any */
  event_type: string;
  repeats: boolean;
  cooldown: Duration;
  steps: readonly string[];
  ordered: boolean;
  threshold: string;
  window: Duration;
  segment_id: string;
  on: "entered" | "left";
  filter: FilterDraft;
  channel_ids: readonly string[];
  emails: string;
  webhook_url: string;
};

/** Empty texts: any. `other`: one that the form cannot show; it stays as it is. */
export type FilterDraft = { level: string; status: string; other: Record<string, unknown> | null };

const ANY_LEAD: FilterDraft = { level: "", status: "", other: null };

export const newDraft = (kind: Kind): TriggerDraft => ({
  name: "",
  kind,
  score_threshold: "50",
  event_type: "",
  repeats: false,
  cooldown: { amount: "0", unit: "day" },
  steps: ["", ""],
  ordered: true,
  threshold: "5",
  window: kind === "surge" ? { amount: "1", unit: "hour" } : { amount: "7", unit: "day" },
  segment_id: "",
  on: "entered",
  filter: ANY_LEAD,
  channel_ids: [],
  emails: "",
  webhook_url: "",
});

export function draftOf({ name, condition, destination }: Trigger): TriggerDraft {
  return {
    ...newDraft(condition.kind),
    name,
    ...conditionDraft(condition),
    channel_ids: destination.channel_ids,
    emails: destination.emails.join(", "),
    webhook_url: destination.webhook_url ?? "",
  };
}

function conditionDraft(condition: Condition): Partial<TriggerDraft> {
  switch (condition.kind) {
    case "milestone":
      return {
        score_threshold: String(condition.score_threshold),
        event_type: condition.event_type ?? "",
        repeats: condition.fire_mode === "always",
        cooldown: typedDuration(condition.cooldown_seconds),
        filter: filterDraft(condition.filter),
      };
    case "sequence":
      return {
        steps: condition.event_types,
        ordered: condition.ordered,
        window: typedDuration(condition.window_seconds),
        filter: filterDraft(condition.filter),
      };
    case "surge":
      return {
        event_type: condition.event_type ?? "",
        threshold: String(condition.threshold),
        window: typedDuration(condition.window_seconds),
        filter: filterDraft(condition.filter),
      };
    case "segment":
      return { segment_id: condition.segment_id, on: condition.on };
  }
}

const typedDuration = (seconds: number): Duration => {
  const { amount, unit } = durationOf(seconds);
  return { amount: String(amount), unit };
};

/** Throws Problem at a field that holds no number. */
export function sentCondition(draft: TriggerDraft): SentCondition {
  const filter = sentFilter(draft.filter);
  const event_type = draft.event_type.trim() || null;
  switch (draft.kind) {
    case "milestone": {
      const score_threshold = typedNumber("condition.score_threshold", draft.score_threshold);
      const cooldown_seconds = draft.repeats ? secondsTyped("condition.cooldown_seconds", draft.cooldown) : 0;
      return { kind: "milestone", score_threshold, event_type, fire_mode: draft.repeats ? "always" : "once", cooldown_seconds, filter };
    }
    case "sequence": {
      const window_seconds = secondsTyped("condition.window_seconds", draft.window);
      return {
        kind: "sequence",
        event_types: [...draft.steps],
        ordered: draft.ordered,
        window_seconds,
        window_unit: draft.window.unit,
        filter,
      };
    }
    case "surge": {
      const threshold = typedNumber("condition.threshold", draft.threshold);
      return { kind: "surge", event_type, threshold, window_seconds: secondsTyped("condition.window_seconds", draft.window), filter };
    }
    case "segment":
      return { kind: "segment", segment_id: draft.segment_id, on: draft.on };
  }
}

const secondsTyped = (field: string, { amount, unit }: Duration): number => secondsOf(typedNumber(field, amount), unit);

export const sentDestination = ({ channel_ids, emails, webhook_url }: TriggerDraft): SentDestination => ({
  channel_ids: [...channel_ids],
  emails: emails
    .split(/[\s,;]+/)
    .map((email) => email.trim())
    .filter(Boolean),
  webhook_url: webhook_url.trim() || null,
});

function filterDraft(filter: unknown): FilterDraft {
  if (!filter) return ANY_LEAD;
  const rules = typeof filter === "object" && "and" in filter && Array.isArray(filter.and) ? (filter.and as unknown[]) : [filter];
  const found = { ...ANY_LEAD };
  for (const rule of rules as Record<string, unknown>[]) {
    if (rule.operator !== "equals" || typeof rule.value !== "string") return { ...ANY_LEAD, other: filter as Record<string, unknown> };
    if (rule.type === "engagement_level" && found.level === "") found.level = rule.value;
    else if (rule.type === "lead" && rule.field === "status" && found.status === "") found.status = rule.value;
    else return { ...ANY_LEAD, other: filter as Record<string, unknown> };
  }
  return found;
}

function sentFilter({ level, status, other }: FilterDraft): Record<string, unknown> | null {
  if (other) return other;
  const rules = [
    ...(level ? [{ type: "engagement_level", operator: "equals", value: level }] : []),
    ...(status ? [{ type: "lead", field: "status", operator: "equals", value: status }] : []),
  ];
  const [first] = rules;
  return first === undefined ? null : rules.length === 1 ? first : { and: rules };
}

type Changes = { name?: string; condition?: Record<string, unknown>; destination?: Partial<SentDestination> };

/** What of a saved trigger is another in the draft. */
export function changesOf(trigger: Trigger, draft: TriggerDraft): Changes {
  const before = draftOf(trigger);
  const condition = changed(sentCondition(before), sentCondition(draft));
  const destination = changed(sentDestination(before), sentDestination(draft));
  return {
    ...(draft.name === trigger.name ? {} : { name: draft.name }),
    ...(Object.keys(condition).length === 0 ? {} : { condition }),
    ...(Object.keys(destination).length === 0 ? {} : { destination }),
  };
}

const changed = <Fields extends object>(before: Fields, after: Fields): Partial<Fields> =>
  Object.fromEntries(
    Object.entries(after).filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(before[field as keyof Fields])),
  ) as Partial<Fields>;
