/** What another region makes of the phones that leads were given. Pure. */

import { type Alias, aliasKey, normaliseAlias } from "../aliases/alias";
import type { AliasOwners } from "../aliases/claim";
import { isWithheld } from "../aliases/withheld";
import type { AliasConflict } from "../bulk-store";
import type { LeadAlias } from "../lead";

export type PhoneLead = { lead_id: string; version: number; aliases: LeadAlias[] };

/** `former`: regions that the phones may have been read by. */
export type Regions = { former: readonly (string | null)[]; region: string | null };

/** The value of a phone by the region; null where that is its value already, or where no former region explains the value it has. */
function phoneAfter({ kind, value, raw }: LeadAlias, { former, region }: Regions): string | null {
  if (kind !== "phone") return null;
  const valueBy = (by: string | null): string | null => {
    const read = normaliseAlias("phone", raw, by);
    return "value" in read ? read.value : null;
  };
  const after = valueBy(region);
  return after === null || after === value || !former.some((by) => by !== region && valueBy(by) === value) ? null : after;
}

/** The values that phones of these leads are to have. */
export const phonesAfter = (leads: readonly PhoneLead[], regions: Regions): Alias[] =>
  leads.flatMap(({ aliases }) =>
    aliases.flatMap((alias) => {
      const value = phoneAfter(alias, regions);
      return value === null ? [] : [{ kind: "phone" as const, value }];
    }),
  );

export type Rekeyed = {
  /** `lead.aliases` are those that it has from now on */
  leads: PhoneLead[];
  removed: { from: string; to: string }[];
  inserted: { value: string; lead_id: string }[];
  conflicts: AliasConflict[];
};

/**
 * A phone whose value nobody has moves to it. One that another lead has stays where it is, and the case is recorded; one that its own lead
 * has as well is dropped. The first lead gets a value that two are to have.
 */
export function planRekey(leads: readonly PhoneLead[], owners: AliasOwners, regions: Regions): Rekeyed {
  const plan: Rekeyed = { leads: [], removed: [], inserted: [], conflicts: [] };
  const gained = new Map<string, string>();
  for (const lead of leads) {
    const aliases = lead.aliases.flatMap((alias): LeadAlias[] => {
      const to = phoneAfter(alias, regions);
      if (to === null) return [alias];
      const key = aliasKey({ kind: "phone", value: to });
      const owner = owners.get(key) ?? gained.get(key);
      if (isWithheld(owner)) return [alias];
      if (owner !== undefined && owner !== lead.lead_id) {
        plan.conflicts.push({ kind: "phone", value: to, lead_id: lead.lead_id, owner });
        return [alias];
      }
      plan.removed.push({ from: alias.value, to });
      if (owner === lead.lead_id) return [];
      gained.set(key, lead.lead_id);
      plan.inserted.push({ value: to, lead_id: lead.lead_id });
      return [{ ...alias, value: to }];
    });
    if (aliases.some((alias, at) => alias !== lead.aliases[at]) || aliases.length < lead.aliases.length)
      plan.leads.push({ ...lead, aliases });
  }
  return plan;
}
