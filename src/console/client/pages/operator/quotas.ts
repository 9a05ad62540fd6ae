/** The quotas of an org unit in words. */
import type { OperatorCallOutput } from "../../../server/calls";
import { formatBytes, formatNumber } from "../../format";

export type Unit = OperatorCallOutput<"organizations.get">["units"][number];
export type Quotas = Unit["quotas"];
export type QuotaName = keyof Quotas["values"];
export type Usage = OperatorCallOutput<"organizations.usage">["usage"][number];

export const QUOTAS: Readonly<Record<QuotaName, string>> = {
  requests_per_second: "Requests a second",
  events_per_day: "Events a day",
  leads: "Leads",
  stored_bytes: "Stored bytes",
  rulesets: "Rulesets",
  rules: "Rules",
  triggers: "Triggers",
  channels: "Notification channels",
  levels: "Levels",
  profile_fields: "Profile fields",
  event_types: "Event types",
  deliveries_per_event: "Deliveries an event",
};

export const QUOTA_NAMES = Object.keys(QUOTAS) as QuotaName[];

/** Which of a unit's counters each quota limits; the others are counted in the unit itself. */
const COUNTERS: Partial<Record<QuotaName, (usage: Usage) => number>> = {
  events_per_day: ({ events }) => events,
  leads: ({ leads }) => leads,
  stored_bytes: ({ stored_bytes }) => stored_bytes,
};

/** What of a quota is used, where that is known here. */
export const usedOf = (name: QuotaName, usage: Usage | null | undefined): number | null => (usage && COUNTERS[name]?.(usage)) ?? null;

export const formatQuota = (name: QuotaName, value: number): string => (name === "stored_bytes" ? formatBytes(value) : formatNumber(value));
