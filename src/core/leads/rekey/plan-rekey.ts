/** Aliases of leads under another normal form: phones by another region, and addresses of profiles. Pure. */
import type { AliasKind } from "../../../vocabulary";

import { type Alias, aliasKey, normaliseAlias } from "../aliases/alias";
import type { AliasOwners } from "../aliases/claim";
import { isWithheld } from "../aliases/withheld";
import type { AliasConflict } from "../bulk-store";
import type { LeadAlias } from "../lead";

export type RekeyedLead = { lead_id: string; version: number; aliases: LeadAlias[] };

/** `former`: regions that the phones may have been read by. */
export type Regions = { former: readonly (string | null)[]; region: string | null };

/** Aliases of one kind under another normal form. `newValue`: the value that an alias is to have; null where that is its value already. */
export type NewForm = { kind: AliasKind; newValue: (alias: LeadAlias) => string | null };

/** A phone changes only where a former region explains the value that it has. */
export const phonesBy = ({ former, region }: Regions): NewForm => ({
  kind: "phone",
  newValue({ value, raw }) {
    const after = readAs("phone", raw, region);
    return after === null || after === value || !former.some((by) => by !== region && readAs("phone", raw, by) === value) ? null : after;
  },
});

/** Profiles that were stored before their addresses had one form. */
export const SOCIALS: NewForm = {
  kind: "social",
  newValue({ value, raw }) {
    const after = readAs("social", raw, null);
    return after === value ? null : after;
  },
};

function readAs(kind: AliasKind, raw: string, region: string | null): string | null {
  const read = normaliseAlias(kind, raw, region);
  return "value" in read ? read.value : null;
}

/** The values that aliases of these leads are to have. */
export const valuesAfter = (leads: readonly RekeyedLead[], { kind, newValue }: NewForm): Alias[] =>
  leads.flatMap(({ aliases }) =>
    aliases.flatMap((alias) => {
      const value = alias.kind === kind ? newValue(alias) : null;
      return value === null ? [] : [{ kind, value }];
    }),
  );

export type Rekeyed = {
  /** `lead.aliases` are those that it has from now on */
  leads: RekeyedLead[];
  removed: { from: string; to: string }[];
  inserted: { value: string; lead_id: string }[];
  conflicts: AliasConflict[];
};

/**
 * An alias whose value nobody has moves to it. One that another lead has stays where it is, and the case is recorded; one that its own lead
 * has as well is dropped. The first lead gets a value that two are to have.
 */
export function planRekey(leads: readonly RekeyedLead[], owners: AliasOwners, { kind, newValue }: NewForm): Rekeyed {
  const plan: Rekeyed = { leads: [], removed: [], inserted: [], conflicts: [] };
  const gained = new Map<string, string>();
  for (const lead of leads) {
    const aliases = lead.aliases.flatMap((alias): LeadAlias[] => {
      const to = alias.kind === kind ? newValue(alias) : null;
      if (to === null) return [alias];
      const key = aliasKey({ kind, value: to });
      const owner = owners.get(key) ?? gained.get(key);
      if (isWithheld(owner)) return [alias];
      if (owner !== undefined && owner !== lead.lead_id) {
        plan.conflicts.push({ kind, value: to, lead_id: lead.lead_id, owner });
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
