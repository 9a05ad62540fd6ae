/** What leads become when they are merged. Pure. */
import { AppError } from "../../errors";
import { invalidRequest } from "../../validation";
import {
  ALIASES_PER_LEAD_MAX,
  type Lead,
  type LeadAlias,
  mergedConsent,
  mergeProfile,
  normaliseAlias,
  type Profile,
  readConsent,
  requireProfileBytes,
  supersededKeys,
  writeConsent,
} from "../leads";

/** The accounts that the leads are linked to, once each, the target's first. */
export const accountsOf = (leads: readonly Pick<Lead, "account_id">[]): string[] => [
  ...new Set(leads.flatMap(({ account_id }) => account_id ?? [])),
];

/** Throws conflict when the leads have several accounts and none is chosen, invalid_request if the chosen one is not among them. */
export function chosenAccount(accounts: readonly string[], chosen: string | undefined): string | null {
  if (chosen !== undefined && !accounts.includes(chosen)) {
    throw invalidRequest([
      { path: "account_id", message: `must be the account of one of the leads: ${accounts.join(", ") || "they have none"}` },
    ]);
  }
  if (chosen === undefined && accounts.length > 1) {
    throw new AppError("conflict", `The leads are linked to different accounts: choose one as account_id: ${accounts.join(", ")}`);
  }
  return chosen ?? accounts[0] ?? null;
}

type Given = { account_id: string | null; region: string | null; now: number };

/**
 * The target with what it lacks; of consent, for each purpose what was said last. Of each profile field, of owner, email and phone, the target's value wins, then that of the source named
 * first. Throws too_large (over 1,000 aliases, profile over 256 KB).
 */
export function mergedLead(target: Lead, sources: readonly Lead[], { account_id, region, now }: Given): Lead {
  const aliases = [...target.aliases, ...sources.flatMap((source) => source.aliases)];
  if (aliases.length > ALIASES_PER_LEAD_MAX) {
    throw new AppError("too_large", `The lead would have ${aliases.length} aliases; at most ${ALIASES_PER_LEAD_MAX} are kept`);
  }
  const owned = [target, ...sources].find(({ owner_id }) => owner_id !== null) ?? target;
  const profile = sources.reduce((merged, source) => filled(merged, source.profile), target.profile);
  requireProfileBytes(JSON.stringify(profile));
  const lead: Lead = {
    ...target,
    profile,
    aliases,
    account_id,
    owner_id: owned.owner_id,
    owner_name: owned.owner_name,
    consent: writeConsent(mergedConsent([target, ...sources].map(({ consent }) => readConsent(consent)))),
    version: nextVersion(target.version, now),
    updated_at: Math.max(now, target.updated_at + 1),
  };
  return withShown(withShown(lead, "email", sources, region), "phone", sources, region);
}

/** Above every version that the row had before: an unmerge takes the number back, and no reader may mistake a later version for this one. */
export const nextVersion = (version: number, now: number): number => Math.max(now, version + 1);

/** The profile with what another one has beside it. */
export function filled(profile: Profile, other: Profile): Profile {
  const missing = Object.entries(other).filter(([key]) => !Object.hasOwn(profile, key));
  const superseded = new Set(supersededKeys((key) => Object.hasOwn(profile, key)));
  return mergeProfile(profile, Object.fromEntries(missing.filter(([key]) => !superseded.has(key))));
}

/** An address that the target showed while a source had it is its own now; one that a source only showed is shown if there is no other. */
function withShown(lead: Lead, kind: "email" | "phone", sources: readonly Lead[], region: string | null): Lead {
  const column = `shown_${kind}` as const;
  const shown = lead[column];
  if (shown === null) {
    const instead = sources.find((source) => source[column])?.[column];
    return instead && !lead.aliases.some((alias) => alias.kind === kind) ? { ...lead, [column]: instead } : lead;
  }
  const own = ownAlias(lead.aliases, kind, shown, region);
  return own ? { ...lead, aliases: [own, ...lead.aliases.filter((alias) => alias !== own)], [column]: null } : lead;
}

function ownAlias(aliases: readonly LeadAlias[], kind: "email" | "phone", shown: string, region: string | null): LeadAlias | undefined {
  const normalised = normaliseAlias(kind, shown, region);
  return "value" in normalised ? aliases.find((alias) => alias.kind === kind && alias.value === normalised.value) : undefined;
}
