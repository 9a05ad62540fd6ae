import type { Ctx, Statement } from "../../context";
import { CommitConflict } from "../../db/commit";
import { AppError } from "../../errors";
import type { LeadStatus } from "../../vocabulary";
import { type Alias, normaliseAlias } from "./alias";
import { noSuchLead } from "./find-lead";
import { ALIASES_PER_LEAD_MAX, type Lead, type LeadAlias } from "./lead";
import { readOwners, sameOwners } from "./owners";
import { type Claim, type OnConflict, type Owners, replaceShown, requireAlias, type ShownKind } from "./place-aliases";
import { type Profile, requireStorable } from "./profile";
import {
  type AliasOwner,
  countLeads,
  dropConflict,
  insertAliases,
  type LeadRow,
  leadIsAsLoaded,
  readLead,
  recordConflict,
  releaseAlias,
  selectLead,
  selectOwners,
  updateLeadRow,
} from "./store";

/** What is to become of a lead; what is left out stays. */
export type LeadChange = {
  /** the whole new profile */
  profile?: Profile | undefined;
  status?: LeadStatus | undefined;
  /** as the caller wrote it; null: the lead shows none. What it replaces is given up: see `replaceShown` */
  email?: string | null | undefined;
  phone?: string | null | undefined;
  account_id?: string | null | undefined;
  /** statements of other aggregates for the same batch */
  more?: readonly Statement[] | undefined;
};

export type UpdateOptions = {
  onConflict: OnConflict;
  /** where a conflict was seen, for its record: the dialect */
  source: string;
  /** read in the same round trip as the lead, whenever that is read: what they find is handed to the plan */
  beside?: readonly Statement[] | undefined;
};

/** What each statement of `beside` found. */
export type Beside = readonly Record<string, unknown>[][];

/** As many writers of one lead at once can land. */
const COMMIT_TRIES_MAX = 64;

/**
 * Changes a lead by `plan`, which is asked again when the lead has changed meanwhile; null leaves the lead as it is. Two D1 round trips,
 * two more for each writer that came first. Silent: no event. `updated_at` moves by at least a millisecond.
 * Throws not_found, invalid_request (an alias, a value), too_large (profile over 256 KB), EmailTaken; a CommitConflict of `more`'s own.
 */
export async function updateLead(
  ctx: Ctx,
  leadId: string,
  plan: (lead: Lead, beside: Beside) => LeadChange | null,
  options: UpdateOptions,
): Promise<Lead> {
  const reload = (given: readonly Alias[]) => load(ctx, leadId, given, options.beside ?? []);
  let { lead, owners, beside } = await reload([]);
  for (let tries = 0; tries < COMMIT_TRIES_MAX; tries++) {
    const change = plan(lead, beside);
    if (change === null) return lead;
    const planned = planUpdate(lead, change, { owners, onConflict: options.onConflict, region: ctx.unit.default_region, now: ctx.now() });
    try {
      await ctx.db.batch([...updateStatements(ctx, lead, planned, options.source), ...(change.more ?? [])]);
      return planned.lead;
    } catch (error) {
      if (!(error instanceof CommitConflict) || !["aliases", "commit_guards"].includes(error.table)) throw error;
      const current = await reload(planned.given);
      const asPlanned = current.lead.version === lead.version && sameOwners(current.owners, owners);
      if (error.table === "commit_guards" && asPlanned) throw error;
      ({ lead, owners, beside } = current);
    }
  }
  throw new AppError("unavailable", "Too many writers on this lead; try again in a moment");
}

type PlannedUpdate = {
  lead: Lead;
  /** aliases that the change names */
  given: LeadAlias[];
  attached: LeadAlias[];
  released: LeadAlias[];
  claims: Claim[];
  /** claims of before that the lead makes no longer */
  dropped: Alias[];
};

/** What a change does to a lead as loaded. Pure. */
export function planUpdate(
  lead: Lead,
  change: LeadChange,
  given: { owners: Owners; onConflict: OnConflict; region: string | null; now: number },
): PlannedUpdate {
  const next: Lead = {
    ...lead,
    profile: change.profile ?? lead.profile,
    status: change.status ?? lead.status,
    account_id: change.account_id === undefined ? lead.account_id : change.account_id,
    version: lead.version + 1,
    updated_at: Math.max(given.now, lead.updated_at + 1),
  };
  if (change.profile) requireStorable(change.profile);
  const planned: PlannedUpdate = { lead: next, given: [], attached: [], released: [], claims: [], dropped: [] };
  for (const kind of ["email", "phone"] as const) {
    const raw = change[kind];
    if (raw !== undefined) placeShown(planned, kind, raw, given);
  }
  if (next.aliases.length > ALIASES_PER_LEAD_MAX) throw new AppError("too_large", `A lead has at most ${ALIASES_PER_LEAD_MAX} aliases`);
  return planned;
}

function placeShown(
  planned: PlannedUpdate,
  kind: ShownKind,
  raw: string | null,
  { owners, onConflict, region, now }: { owners: Owners; onConflict: OnConflict; region: string | null; now: number },
): void {
  const { lead } = planned;
  const alias = raw === null ? null : requireAlias(kind, raw, region, now);
  if (alias) planned.given.push(alias);
  const replaced = replaceShown(lead, kind, alias, owners, onConflict);
  const column = kind === "email" ? "shown_email" : "shown_phone";
  const claimed = normaliseAlias(kind, lead[column] ?? "", region);
  if ("value" in claimed && claimed.value !== replaced.claim?.value) planned.dropped.push({ kind, value: claimed.value });
  lead.aliases = replaced.aliases;
  lead[column] = replaced.shown;
  if (replaced.attached) {
    planned.attached.push(replaced.attached);
    planned.dropped.push(replaced.attached);
  }
  if (replaced.released) planned.released.push(replaced.released);
  if (replaced.claim) planned.claims.push(replaced.claim);
}

function updateStatements({ db }: Ctx, before: Lead, { lead, attached, released, claims, dropped }: PlannedUpdate, source: string) {
  const { lead_id, updated_at } = lead;
  return [
    leadIsAsLoaded(db, before),
    ...released.flatMap((alias) => releaseAlias(db, lead_id, alias)),
    ...insertAliases(db, lead_id, attached),
    ...dropped.map((alias) => dropConflict(db, lead_id, alias)),
    ...claims.flatMap((claim) => recordConflict(db, { ...claim, lead_id, source, created_at: updated_at })),
    updateLeadRow(db, lead),
    ...(lead.status === before.status ? [] : [countLeads(db, before.status, -1), countLeads(db, lead.status, 1)]),
  ];
}

type Loaded = { lead: Lead; owners: Owners; beside: Beside };

async function load({ db }: Ctx, leadId: string, given: readonly Alias[], beside: readonly Statement[]): Promise<Loaded> {
  const ownersAsked = given.length === 0 ? [] : [selectOwners(db, given)];
  const [leads, ...others] = await db.batch([selectLead(db, leadId), ...beside, ...ownersAsked]);
  const row = leads?.[0] as LeadRow | undefined;
  if (!row) throw noSuchLead();
  const owners = readOwners((others[beside.length] ?? []) as AliasOwner[]);
  return { lead: readLead(row), owners, beside: others.slice(0, beside.length) };
}
