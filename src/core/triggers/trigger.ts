/** A trigger: a condition on one lead's events, and where to send notifications. Types and limits only. */
import type { FireMode } from "../../vocabulary";

export type MilestoneCondition = {
  score_threshold: number;
  /** only events of this type fire; null: any type */
  event_type: string | null;
  fire_mode: FireMode;
  /** after a firing, the same lead does not fire again for this long; 0: no cooldown */
  cooldown_seconds: number;
};

export type SequenceCondition = {
  event_types: string[];
  window_seconds: number;
  /** the unit in which an editor displays the window; not used here */
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

/** Where firings are sent, as the caller set it. */
export type Destination = {
  channel_ids: string[];
  webhook_url: string | null;
  emails: string[];
  email_subject: string | null;
  email_preheader: string | null;
  email_message: string | null;
};

/** The notification channels that the trigger owns for `webhook_url` and `emails`. */
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

/** Bounds the look-back: each event of a lead reads the events of the longest window before it. */
export const WINDOW_SECONDS_MAX = 90 * 86_400;
