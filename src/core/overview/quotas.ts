/** How much of its quotas an org unit has used. Pure. */
import type { OrgUnit, UnitUsage } from "../../context";
import type { DefinitionCounts } from "../../db/living-rows";
import { type QuotaName, quotaOf } from "../../quotas";

/** `used`: null, where it cannot be read. */
export type QuotaUse = { name: QuotaName; used: number | null; max: number };

export type Used = DefinitionCounts & { leads: number; event_types: number };

/** Those that something is counted against, the ones that grow by themselves first. */
export function quotaUses(unit: Pick<OrgUnit, "limits">, used: Used, usage: UnitUsage | null, today: number): QuotaUse[] {
  const events = usage && (usage.days.find(({ day }) => day === today)?.events ?? 0);
  const uses = {
    leads: used.leads,
    events_per_day: events,
    stored_bytes: usage === null ? null : usage.stored_bytes,
    ...definitionsOf(used),
  };
  return Object.entries(uses).map(([name, n]) => ({ name: name as QuotaName, used: n, max: quotaOf(unit, name as QuotaName) }));
}

const definitionsOf = ({ event_types, rulesets, rules, levels, triggers, channels, profile_fields }: Used) => ({
  event_types,
  rulesets,
  rules,
  levels,
  triggers,
  channels,
  profile_fields,
});
