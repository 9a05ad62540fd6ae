/** A trigger: a condition on one lead's events, and where to send notifications. Types only. */
import type { z } from "zod";
import type { TriggerKind } from "../../vocabulary";
import type { CONDITION_FIELDS, DESTINATION_FIELDS } from "./schemas";

type OutputOf<Fields extends z.ZodRawShape> = z.output<z.ZodObject<Fields>>;
type ConditionOf<Kind extends TriggerKind> = { kind: Kind } & OutputOf<(typeof CONDITION_FIELDS)[Kind]>;

export type SequenceCondition = ConditionOf<"sequence">;
export type Condition = { [Kind in TriggerKind]: ConditionOf<Kind> }[TriggerKind];

/** Where firings are sent, as the caller set it. */
export type Destination = OutputOf<typeof DESTINATION_FIELDS>;

/** The notification channels that the trigger owns for `webhook_url` and `emails`. */
type OwnChannels = { webhook_channel_id: string | null; email_channel_id: string | null };

export type Trigger = {
  trigger_id: string;
  name: string;
  active: boolean;
  active_since: number;
  condition: Condition;
  destination: Destination & OwnChannels;
  created_at: number;
  updated_at: number;
};
