/** What a lead shows and what becomes of its aliases when it is created or given another email or phone. Pure. */

import { AppError } from "../../../errors";
import { NOT_STORABLE } from "../../../schemas";
import type { AliasKind } from "../../../vocabulary";
import type { Lead, LeadAlias } from "../lead";
import { ALIAS_CHARS_MAX, type Alias, type AliasProblem, aliasKey, normaliseAlias } from "./alias";
import { type AliasOwners, type Claims, claimAliases } from "./claim";
import { SUPPRESSED } from "./withheld";

/** What to do about an email that another lead has: refuse the whole write, or leave the alias there and record the case. */
export type OnConflict = "refuse" | "record";

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

const PROBLEMS: Record<AliasProblem, string> = {
  empty: "must not be empty",
  invalid_email: "Must be a valid email address",
  invalid_phone: "Must be a valid phone number",
  too_long: `must be at most ${ALIAS_CHARS_MAX} characters`,
  not_storable: NOT_STORABLE,
};

/** An alias as a lead keeps it. Throws invalid_request, its path the kind. */
export function requireAlias(kind: AliasKind, raw: string, region: string | null, now: number): LeadAlias {
  const normalised = normaliseAlias(kind, raw, region);
  if ("problem" in normalised) {
    const message = PROBLEMS[normalised.problem];
    throw new AppError("invalid_request", `${kind}: ${message}`, [{ path: kind, message }]);
  }
  return { kind, value: normalised.value, raw: raw.trim(), created_at: now };
}

/** An alias that a lead was given and that `owner` has. */
export type RefusedAlias = Alias & { owner: string };

const refusedAlias = ({ alias: { kind, value }, owner }: Claims<LeadAlias>["conflicts"][number]): RefusedAlias => ({ kind, value, owner });

/** Throws EmailTaken for the first email among the conflicts, where such are to be refused. */
function requireNoTakenEmail({ conflicts }: Claims<LeadAlias>, onConflict: OnConflict): void {
  const taken = onConflict === "refuse" ? conflicts.find(({ alias }) => alias.kind === "email") : undefined;
  if (taken) throw new EmailTaken(taken.alias.raw, taken.owner);
}

/** Throws conflict when one of the aliases is an erased person's. */
function requireNoneSuppressed({ withheld }: Pick<Claims<Alias>, "withheld">): void {
  if (withheld.some(({ reason }) => reason === SUPPRESSED)) throw suppressed();
}

export const suppressed = (): AppError => new AppError("conflict", "suppressed: this person was erased and is not stored again");

type PlacedAliases = Pick<Lead, "aliases" | "shown_email" | "shown_phone"> & { conflicts: RefusedAlias[] };

/** The aliases of a new lead. It shows its first email and its first phone even if another lead owns them. Throws EmailTaken. */
export function placeNewAliases(leadId: string, given: readonly LeadAlias[], owners: AliasOwners, onConflict: OnConflict): PlacedAliases {
  const distinct = given.filter((alias, at) => given.findIndex((other) => aliasKey(other) === aliasKey(alias)) === at);
  const claims = claimAliases(leadId, distinct, owners);
  requireNoneSuppressed(claims);
  requireNoTakenEmail(claims, onConflict);
  const shownInstead = (kind: ShownKind): string | null => {
    const first = distinct.find((alias) => alias.kind === kind);
    return [...claims.conflicts, ...claims.withheld].some(({ alias }) => alias === first) ? (first?.raw ?? null) : null;
  };
  return {
    aliases: claims.attached,
    shown_email: shownInstead("email"),
    shown_phone: shownInstead("phone"),
    conflicts: claims.conflicts.map(refusedAlias),
  };
}

export type ShownKind = "email" | "phone";

type Replaced = {
  aliases: LeadAlias[];
  /** for `shown_email` or `shown_phone` */
  shown: string | null;
  attached: LeadAlias | null;
  released: LeadAlias | null;
  conflict: RefusedAlias | null;
};

/**
 * A lead shows another email or phone. An alias that nobody has replaces the one shown before, which is released: it finds the lead no
 * longer and is free for others. One of the lead's own other aliases moves to the front, and nothing is released. One that another lead
 * owns is only shown. Null: the alias shown before is released, and nothing is shown. Throws EmailTaken.
 */
export function replaceShown(
  lead: Pick<Lead, "lead_id" | "aliases" | "shown_email" | "shown_phone">,
  kind: ShownKind,
  alias: LeadAlias | null,
  owners: AliasOwners,
  onConflict: OnConflict,
): Replaced {
  const shownBefore = kind === "email" ? lead.shown_email : lead.shown_phone;
  const first = lead.aliases.find((own) => own.kind === kind);
  const replaced = shownBefore === null ? (first ?? null) : null;
  const without = (gone: LeadAlias | null) => lead.aliases.filter((own) => own !== gone);
  const unchanged = { attached: null, released: null, conflict: null };
  if (alias === null) {
    const aliases = without(replaced);
    return { ...unchanged, aliases, released: replaced, shown: aliases.some((own) => own.kind === kind) ? "" : null };
  }
  const own = lead.aliases.find((other) => aliasKey(other) === aliasKey(alias));
  if (own) {
    return { ...unchanged, aliases: [{ ...own, raw: alias.raw }, ...without(own)], shown: null };
  }
  const claims = claimAliases(lead.lead_id, [alias], owners);
  // an address that the lead shows already is never refused: a lead that was read may be written back
  requireNoTakenEmail(claims, shownBefore?.toLowerCase() === alias.value ? "record" : onConflict);
  requireNoneSuppressed(claims);
  if (claims.withheld.length > 0) return { ...unchanged, aliases: lead.aliases, shown: alias.raw };
  const [conflict] = claims.conflicts;
  if (conflict) return { ...unchanged, aliases: lead.aliases, shown: alias.raw, conflict: refusedAlias(conflict) };
  return { ...unchanged, aliases: [alias, ...without(replaced)], shown: null, attached: alias, released: replaced };
}
