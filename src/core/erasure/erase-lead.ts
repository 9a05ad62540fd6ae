/** Erases a person: every trace is removed, and only salted digests remain, which keep the person from being stored again. */
import type { Ctx, Statement } from "../../context";
import { untilCommitted } from "../../db/commit";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import type { Remember } from "../idempotency";
import { absence, deleteLeadRow, type Lead, LeadId, leadIsAsLoaded, readLead, SUPPRESSED, selectLead, withhold } from "../leads";
import { requireNotMoving } from "../merging";
import { erasesOf as erasesOfUndo, selectDeletedLead, selectDeletedWith } from "../undo";
import { PARTS } from "./delete-lead";
import { add, eraseTraces } from "./erase-traces";
import type { Erased } from "./erase-unit";
import { termsOf } from "./traces";
import { blankJournalledConflicts, hideShown, selectMergedIds, selectRefusedBy } from "./traces-store";

export type LeadErasureReceipt = Erased & {
  lead_id: string;
  erased_at: number;
  /** aliases that are suppressed from now on */
  suppressed: number;
  /** over all of the above, but itself */
  signature: string;
};

type Options = { sign(receipt: object): Promise<string>; remember?: Remember<LeadErasureReceipt> };

/**
 * Erases a lead: suppresses its aliases, so that nothing brings it back meanwhile; removes what names it by value from other tables and from
 * the unit's objects; and deletes what is stored under its id. Returns a signed receipt of what was removed, by table. A crash leaves the lead, and
 * erasing it again continues; the receipt then counts what remained. About ten D1 round trips, and the reading of the unit's objects.
 * Throws forbidden, invalid_request, not_found, gone (merged), conflict (its events are still moving after a merge), unavailable.
 */
export async function eraseLead(ctx: Ctx, leadId: string, { sign, remember = () => [] }: Options): Promise<LeadErasureReceipt> {
  requireRole(ctx, "editor");
  const lead_id = parseInput(LeadId, leadId);
  const deleted = await findDeleted(ctx, lead_id);
  if (deleted) return eraseDeleted(ctx, deleted, { sign, remember });
  await requireNotMoving(ctx, lead_id);
  const erased: Erased = { rows: {}, objects: 0 };
  const suppressed = await suppress(ctx, lead_id);
  const lead = await requireLeadRow(ctx, lead_id);
  const [merged, refused] = await ctx.db.batch([selectMergedIds(ctx.db, lead_id), selectRefusedBy(ctx.db, lead_id)]);
  const others = merged.map((row) => row.lead_id);
  const terms = termsOf(lead, [lead_id, ...others]);
  await eraseTraces(ctx, terms, erased);
  const refusedIds = refused.map((row) => row.lead_id);
  const texts = terms.map(({ text }) => text);
  const aliases = aliasPairs(lead);
  await forgetDeleted(ctx, aliases, erased);
  const [, hidden, journalled] = await ctx.db.batch([
    ...hideShown(ctx, refusedIds, texts, ctx.now()),
    blankJournalledConflicts(ctx.db, aliases),
  ]);
  add(erased, "undo_journal", journalled.length);
  add(erased, "leads_showing_an_address", hidden.length);
  return untilCommitted(() => commit(ctx, lead_id, others, { erased, suppressed, sign, remember }));
}

const aliasPairs = ({ aliases }: Lead): string => JSON.stringify(aliases.map(({ kind, value }) => [kind, value]));

/** Of a lead that a bulk deletion took, and that its undo would bring back, all that is left is in the journal. Null for any other. */
async function findDeleted({ db }: Ctx, leadId: string): Promise<Lead | null> {
  const [[row], [journalled]] = await db.batch([selectLead(db, leadId), selectDeletedLead(db, leadId)]);
  return row || !journalled ? null : readLead(JSON.parse(journalled.row));
}

/** The journal forgets the deleted leads that had one of the aliases: they were the same person. */
async function forgetDeleted({ db }: Ctx, aliases: string, erased: Erased): Promise<void> {
  const same = await db.all(selectDeletedWith(db, aliases));
  if (same.length === 0) return;
  await db.batch(same.flatMap(({ lead_id }) => erasesOfUndo(db, lead_id)));
  add(erased, "undo_journal", same.length);
}

async function eraseDeleted(ctx: Ctx, lead: Lead, { sign, remember = () => [] }: Options): Promise<LeadErasureReceipt> {
  const { db } = ctx;
  const aliases = lead.aliases.map(({ kind, value }) => ({ kind, value }));
  await db.batch<readonly Statement[]>(withhold(db, aliases, SUPPRESSED, ctx.now()));
  const erased: Erased = { rows: {}, objects: 0 };
  await eraseTraces(ctx, termsOf(lead, [lead.lead_id]), erased);
  await forgetDeleted(ctx, aliasPairs(lead), erased);
  add(erased, "undo_journal", 1);
  const facts = { lead_id: lead.lead_id, erased_at: ctx.now(), ...erased, suppressed: aliases.length };
  const receipt = { ...facts, signature: await sign(facts) };
  await db.batch<readonly Statement[]>([...erasesOfUndo(db, lead.lead_id), ...remember(receipt)]);
  return receipt;
}

/** Suppresses the lead's aliases, those that it gets meanwhile included. Returns how many. */
async function suppress(ctx: Ctx, leadId: string): Promise<number> {
  return untilCommitted(async () => {
    const lead = await requireLeadRow(ctx, leadId);
    const aliases = lead.aliases.map(({ kind, value }) => ({ kind, value }));
    await ctx.db.batch<readonly Statement[]>([leadIsAsLoaded(ctx.db, lead), ...withhold(ctx.db, aliases, SUPPRESSED, ctx.now())]);
    return aliases.length;
  });
}

async function requireLeadRow(ctx: Ctx, leadId: string): Promise<Lead> {
  const [row] = await ctx.db.all(selectLead(ctx.db, leadId));
  if (!row) throw await absence(ctx, leadId);
  return readLead(row);
}

type Commit = { erased: Erased; suppressed: number; sign: Options["sign"]; remember: Remember<LeadErasureReceipt> };

async function commit(
  ctx: Ctx,
  lead_id: string,
  others: readonly string[],
  { erased, suppressed, sign, remember }: Commit,
): Promise<LeadErasureReceipt> {
  const { db } = ctx;
  const last = await requireLeadRow(ctx, lead_id);
  const erases = [...PARTS.flatMap((erasesOf) => erasesOf(db, lead_id)), ...others.flatMap((id) => erasesOfUndo(db, id))];
  const all: Erased = { rows: { ...erased.rows }, objects: erased.objects };
  // counted first: the receipt may be stored in the very batch that it describes
  for (const { name, n } of (await db.batch(erases.flatMap((statement) => counting(ctx, statement)))).flat()) add(all, name, n);
  add(all, "leads", 1);
  const now = ctx.now();
  const facts = { lead_id, erased_at: now, ...all, suppressed };
  const receipt = { ...facts, signature: await sign(facts) };
  await db.batch<readonly Statement[]>([
    leadIsAsLoaded(db, last),
    ...erases,
    ...deleteLeadRow(ctx, lead_id, now, "erased"),
    ...remember(receipt),
  ]);
  return receipt;
}

const DELETION = /^DELETE FROM (\w+)((?: INDEXED BY \w+)? WHERE [\s\S]+)$/;

/** How many rows a deletion is about to delete. */
function counting({ db }: Ctx, { text, params }: Statement): Statement<{ name: string; n: number }>[] {
  const [, table, rest] = DELETION.exec(text) ?? [];
  return table ? [db.sql(`SELECT '${table}' AS name, count(*) AS n FROM ${table}${rest}`, ...params)] : [];
}
