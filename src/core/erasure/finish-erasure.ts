/** The end of an erasure: one commit deletes what is left of the person and stores the receipt. */
import type { Ctx, Statement } from "../../context";
import { guardSql } from "../../db/commit";
import type { Remember } from "../idempotency";
import { deleteLeadRow, leadIsAsLoaded } from "../leads";
import { erasesOf as erasesOfUndo, selectDeletedLead, selectDeletedWith } from "../undo";
import { PARTS } from "./delete-lead";
import { add } from "./erase-traces";
import type { Erased } from "./erase-unit";
import { distinctAliases, type Known } from "./person";
import { termsOf } from "./traces";
import { blankJournalledConflicts, hideShown } from "./traces-store";

export type LeadErasureReceipt = Erased & {
  lead_id: string;
  erased_at: number;
  /** aliases that are suppressed from now on */
  suppressed: number;
  /** signs all of the above */
  signature: string;
};

type Finish = {
  /** what earlier steps removed; grows */
  erased: Erased;
  suppressed: number;
  sign(receipt: object): Promise<string>;
  remember: Remember<LeadErasureReceipt>;
  /** of a job: statements at the start of the commit */
  begin?: (receipt: LeadErasureReceipt) => readonly Statement<never>[];
};

/**
 * Empties what other leads and journals say of the person, and deletes the lead with all that is stored under its id. Four D1 round trips.
 * Throws CommitConflict when the lead has changed since it was read: it may have aliases that were not searched for.
 */
export async function finishErasure(ctx: Ctx, known: Known, given: Finish): Promise<LeadErasureReceipt> {
  const { person } = known;
  const { erased } = given;
  const aliases = JSON.stringify(distinctAliases(person).map(({ kind, value }) => [kind, value]));
  const isJournalled = await forgetDeleted(ctx, known.lead_id, aliases, erased);
  const texts = termsOf(person).map(({ text }) => text);
  const [, hidden, journalled] = await ctx.db.batch([
    ...hideShown(ctx, person.refused, texts, ctx.now()),
    blankJournalledConflicts(ctx.db, aliases),
  ]);
  add(erased, "undo_journal", journalled.length);
  add(erased, "leads_showing_an_address", hidden.length);
  return commit(ctx, known, isJournalled, given);
}

/**
 * The journal forgets the other deleted leads that had one of the aliases: they were the same person. Returns whether it has the lead itself,
 * which it keeps until the commit: after a crash, a lead that is stored nowhere could not be erased again.
 */
async function forgetDeleted({ db }: Ctx, leadId: string, aliases: string, erased: Erased): Promise<boolean> {
  const [same, own] = await db.batch([selectDeletedWith(db, aliases), selectDeletedLead(db, leadId)]);
  const others = same.filter(({ lead_id }) => lead_id !== leadId);
  if (others.length > 0) await db.batch(others.flatMap(({ lead_id }) => erasesOfUndo(db, lead_id)));
  add(erased, "undo_journal", others.length);
  return own.length > 0;
}

async function commit(
  ctx: Ctx,
  { lead_id, lead, person }: Known,
  isJournalled: boolean,
  { erased, suppressed, sign, remember, begin = () => [] }: Finish,
): Promise<LeadErasureReceipt> {
  const { db } = ctx;
  const others = person.ids.filter((id) => id !== lead_id);
  const erases = [...PARTS.flatMap((erasesOf) => erasesOf(db, lead_id)), ...others.flatMap((id) => erasesOfUndo(db, id))];
  const all: Erased = { rows: { ...erased.rows }, objects: erased.objects };
  // counted first: the receipt may be stored in the very batch that it describes
  for (const { name, n } of (await db.batch(erases.flatMap((statement) => counting(ctx, statement)))).flat()) add(all, name, n);
  if (lead) add(all, "leads", 1);
  if (isJournalled) add(all, "undo_journal", 1);
  const now = ctx.now();
  const facts = { lead_id, erased_at: now, ...all, suppressed };
  const receipt = { ...facts, signature: await sign(facts) };
  await db.batch<readonly Statement[]>([
    ...begin(receipt),
    lead ? leadIsAsLoaded(db, lead) : db.sql(guardSql("SELECT 1 FROM leads WHERE unit = ?1 AND lead_id = ?2"), lead_id),
    ...erases,
    ...(lead ? deleteLeadRow(ctx, lead_id, now, "erased") : []),
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
