/** What becomes of the aliases that a lead is given: its own, or another lead's and so refused. Pure. */

import { AppError } from "../../errors";
import type { AliasKind } from "../../vocabulary";
import { type Alias, aliasKey, normaliseAlias } from "./alias";
import type { Lead, LeadAlias } from "./lead";

/** What to do about an email that another lead has: refuse the whole write (seed 004), or leave the alias there and record the case. */
export type OnConflict = "refuse" | "record";

/** Leads by the aliases they own, keyed as `aliasKey` says. */
export type Owners = ReadonlyMap<string, string>;

/** Another lead of the unit has the email. */
export class EmailTaken extends AppError {
  constructor(
    readonly email: string,
    /** the lead that has it */
    readonly lead_id: string,
  ) {
    super("conflict", "Another lead has this email");
  }
}

/** The lead that owns an alias, when it is another than `leadId`. Throws EmailTaken for an email that is to be refused. */
export function otherOwner(alias: LeadAlias, leadId: string, owners: Owners, onConflict: OnConflict): string | null {
  const owner = owners.get(aliasKey(alias));
  if (owner === undefined || owner === leadId) return null;
  if (alias.kind === "email" && onConflict === "refuse") throw new EmailTaken(alias.raw, owner);
  return owner;
}

const PROBLEMS = {
  empty: "must not be empty",
  invalid_email: "Must be a valid email address",
  invalid_phone: "Must be a valid phone number",
  too_long: "must be at most 512 characters",
} as const;

/** An alias as a lead keeps it. Throws invalid_request, its path the kind. */
export function requireAlias(kind: AliasKind, raw: string, region: string | null, now: number): LeadAlias {
  const normalised = normaliseAlias(kind, raw, region);
  if ("problem" in normalised) {
    const message = PROBLEMS[normalised.problem];
    throw new AppError("invalid_request", `${kind}: ${message}`, [{ path: kind, message }]);
  }
  return { kind, value: normalised.value, raw: raw.trim(), created_at: now };
}

export type Claim = Alias & { owner: string };

export type PlacedAliases = Pick<Lead, "aliases" | "shown_email" | "shown_phone"> & { conflicts: Claim[] };

/** The aliases of a new lead. It shows its first email and its first phone even where they are another lead's. */
export function placeNewAliases(given: readonly LeadAlias[], owners: Owners, onConflict: OnConflict): PlacedAliases {
  const placed: PlacedAliases = { aliases: [], shown_email: null, shown_phone: null, conflicts: [] };
  const seen = new Set<string>();
  for (const alias of given) {
    if (seen.has(aliasKey(alias))) continue;
    const first = ![...seen].some((key) => key.startsWith(`${alias.kind}:`));
    seen.add(aliasKey(alias));
    const owner = otherOwner(alias, "", owners, onConflict);
    if (owner === null) placed.aliases.push(alias);
    else {
      placed.conflicts.push({ kind: alias.kind, value: alias.value, owner });
      if (first && alias.kind === "email") placed.shown_email = alias.raw;
      if (first && alias.kind === "phone") placed.shown_phone = alias.raw;
    }
  }
  return placed;
}

export type ShownKind = "email" | "phone";

export type Replaced = {
  aliases: LeadAlias[];
  /** for `shown_email` or `shown_phone` */
  shown: string | null;
  attached: LeadAlias | null;
  released: LeadAlias | null;
  claim: Claim | null;
};

/**
 * A lead shows another email or phone. One that is nobody's takes the place of the one shown before, which is given up: it finds the
 * lead no longer and is free for others. One of the lead's own other aliases comes first, and nothing is given up. One that is another
 * lead's is only shown. Null: what was shown is given up, and nothing is shown.
 */
export function replaceShown(
  lead: Pick<Lead, "lead_id" | "aliases" | "shown_email" | "shown_phone">,
  kind: ShownKind,
  alias: LeadAlias | null,
  owners: Owners,
  onConflict: OnConflict,
): Replaced {
  const shownBefore = kind === "email" ? lead.shown_email : lead.shown_phone;
  const first = lead.aliases.find((own) => own.kind === kind);
  const replaced = shownBefore === null ? (first ?? null) : null;
  const without = (gone: LeadAlias | null) => lead.aliases.filter((own) => own !== gone);
  const unchanged = { attached: null, released: null, claim: null };
  if (alias === null) {
    const aliases = without(replaced);
    return { ...unchanged, aliases, released: replaced, shown: aliases.some((own) => own.kind === kind) ? "" : null };
  }
  const own = lead.aliases.find((other) => aliasKey(other) === aliasKey(alias));
  if (own) {
    return { ...unchanged, aliases: [{ ...own, raw: alias.raw }, ...without(own)], shown: null };
  }
  // what it shows already is nothing new to refuse: a lead that was read may be written back
  const known = shownBefore?.toLowerCase() === alias.value;
  const owner = otherOwner(alias, lead.lead_id, owners, known ? "record" : onConflict);
  if (owner !== null) {
    return { ...unchanged, aliases: lead.aliases, shown: alias.raw, claim: { kind, value: alias.value, owner } };
  }
  return { ...unchanged, aliases: [alias, ...without(replaced)], shown: null, attached: alias, released: replaced };
}
