/** What a trigger is: a condition on one lead's events, and whom to tell. Types and limits only. */

export type MilestoneCondition = {
  score_threshold: number;
  /** only a crossing by an event of this type; null: any */
  event_type: string | null;
  fire_mode: "once" | "always";
  /** after a firing, crossings of the same lead do not fire for this long; 0: no pause */
  cooldown_seconds: number;
};

export type SequenceCondition = {
  event_types: string[];
  window_seconds: number;
  /** how an editor shows the window; means nothing here */
  window_unit: string | null;
  ordered: boolean;
};

export type SurgeCondition = {
  /** null: events of every type count */
  event_type: string | null;
  /** events */
  threshold: number;
  window_seconds: number;
};

export type Condition =
  | ({ kind: "milestone" } & MilestoneCondition)
  | ({ kind: "sequence" } & SequenceCondition)
  | ({ kind: "surge" } & SurgeCondition);
export type TriggerKind = Condition["kind"];

/** Whom a firing tells, as the caller says it. */
export type Destination = {
  channel_ids: string[];
  webhook_url: string | null;
  emails: string[];
  email_subject: string | null;
  email_preheader: string | null;
  email_message: string | null;
};

/** The notification channels of the trigger's own that stand behind `webhook_url` and `emails`. */
export type OwnChannels = { webhook_channel_id: string | null; email_channel_id: string | null };

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

/** Trigger windows are looked back over with every event of a lead. */
export const WINDOW_SECONDS_MAX = 90 * 86_400;

/** How far before an event a trigger looks, in ms. */
export const lookBackMs = ({ condition }: Pick<Trigger, "condition">): number =>
  condition.kind === "milestone" ? 0 : condition.window_seconds * 1000;
