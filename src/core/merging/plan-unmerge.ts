/** What a merged lead and its sources become when they are taken apart. Pure. */
import { aliasKey, type Lead, type LeadAlias, type Profile } from "../leads";
import { nextVersion } from "./plan-merge";

/** What came after the merge, or cannot return, and the lead that has it now; null: nobody. */
export type Kept =
  | { kind: "event"; event_id: string; lead_id: string }
  | { kind: "metadata"; key: string; lead_id: string }
  | { kind: "field"; field: string; lead_id: string }
  | { kind: "alias"; alias_kind: string; value: string; lead_id: string | null };

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Whether nobody has changed the lead since. */
export const isUntouched = (current: Lead, after: Lead): boolean => current.version === after.version && same(current, after);

export type ReturnedAliases = { returned: LeadAlias[]; kept: Kept[] };

/** Of a source's aliases, those that the target still has. `owners`: lead ids by alias. */
export function returnedAliases(source: Lead, targetId: string, owners: ReadonlyMap<string, string>): ReturnedAliases {
  const result: ReturnedAliases = { returned: [], kept: [] };
  for (const alias of source.aliases) {
    const owner = owners.get(aliasKey(alias)) ?? null;
    if (owner === targetId) result.returned.push(alias);
    else result.kept.push({ kind: "alias", alias_kind: alias.kind, value: alias.value, lead_id: owner });
  }
  return result;
}

/**
 * The target without what the merge gave it, as far as nobody has changed that since: what was changed stays, and is listed. `returned` are
 * the aliases that go back to the sources.
 */
export function targetBack(
  { before, after, current }: { before: Lead; after: Lead; current: Lead },
  returned: readonly LeadAlias[],
  now: number,
): { lead: Lead; kept: Kept[] } {
  const { lead_id } = current;
  const profile = profileBack(before.profile, after.profile, current.profile, lead_id);
  const gone = new Set(returned.map(aliasKey));
  const known = new Set(after.aliases.map(aliasKey));
  const kept: Kept[] = [...profile.kept];
  for (const alias of current.aliases) {
    if (!known.has(aliasKey(alias))) kept.push({ kind: "alias", alias_kind: alias.kind, value: alias.value, lead_id });
  }
  const lead: Lead = {
    ...current,
    profile: profile.back,
    aliases: current.aliases.filter((alias) => !gone.has(aliasKey(alias))),
    version: nextVersion(current.version, now),
    updated_at: Math.max(now, current.updated_at + 1),
  };
  for (const field of ["account_id", "status", "shown_email", "shown_phone", "owner_id", "owner_name", "consent"] as const) {
    // journals of older merges know nothing of consent
    if (current[field] === (after[field] ?? null)) Object.assign(lead, { [field]: before[field] ?? null });
    else kept.push({ kind: "field", field, lead_id });
  }
  return { lead, kept };
}

/** Keys that the merge filled go, unless they were written since. */
function profileBack(before: Profile, after: Profile, current: Profile, lead_id: string): { back: Profile; kept: Kept[] } {
  const kept: Kept[] = [];
  const back = Object.entries(current).filter(([key, value]) => {
    const untouched = Object.hasOwn(after, key) && same(value, after[key]);
    if (!untouched) kept.push({ kind: "metadata", key, lead_id });
    return !untouched || Object.hasOwn(before, key);
  });
  return { back: Object.fromEntries(back), kept };
}
