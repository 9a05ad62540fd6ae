/** "An alias never moves": which of the aliases that a lead is given become its own, and which stay with their owner. Pure. */

import { type Alias, aliasKey } from "./alias";
import { isWithheld, type Withheld } from "./withheld";

/** Lead ids by `aliasKey`; an alias that is not in it belongs to nobody. */
export type AliasOwners = ReadonlyMap<string, string>;

type OwnerLookup = Pick<AliasOwners, "get">;

export type Claims<Given extends Alias> = {
  /** those that belonged to nobody, once each: the lead gains them */
  attached: Given[];
  /** those of another lead: they stay there */
  conflicts: { alias: Given; owner: string }[];
  /** those that no lead may have */
  withheld: { alias: Given; reason: Withheld }[];
};

/**
 * `leadId` may be the id of a lead that is yet to be created. An alias that the lead has already is neither gained nor a conflict.
 * `room`: how many aliases the lead may gain at most; those beyond are left out.
 */
export function claimAliases<Given extends Alias>(
  leadId: string,
  given: readonly Given[],
  owners: OwnerLookup,
  room = Number.POSITIVE_INFINITY,
): Claims<Given> {
  const claims: Claims<Given> = { attached: [], conflicts: [], withheld: [] };
  const gained = new Set<string>();
  for (const alias of given) {
    const key = aliasKey(alias);
    const owner = gained.has(key) ? leadId : owners.get(key);
    if (owner === leadId) continue;
    if (isWithheld(owner)) claims.withheld.push({ alias, reason: owner });
    else if (owner !== undefined) claims.conflicts.push({ alias, owner });
    else if (gained.size < room) {
      gained.add(key);
      claims.attached.push(alias);
    }
  }
  return claims;
}

/** The owners while a plan of many leads is made: as stored, and those of the aliases that the plan has attached so far. */
export class PlannedOwners implements OwnerLookup {
  readonly #stored: AliasOwners;
  readonly #gained = new Map<string, string>();

  constructor(stored: AliasOwners) {
    this.#stored = stored;
  }

  get(key: string): string | undefined {
    return this.#gained.get(key) ?? this.#stored.get(key);
  }

  attach(leadId: string, aliases: readonly Alias[]): void {
    for (const alias of aliases) this.#gained.set(aliasKey(alias), leadId);
  }
}
