/** The end of an erasure: what is left of the person goes in one commit, which says what went. */
import type { Ctx, Statement } from "../../context";
import { untilCommitted } from "../../db/commit";
import type { Remember } from "../idempotency";
import { absence, deleteLeadRow, type Lead, leadIsAsLoaded, readLead, selectLead, selectMergedIds } from "../leads";
import { erasesOf as erasesOfUndo, selectDeletedWith } from "../undo";
import { PARTS } from "./delete-lead";
import { add } from "./erase-traces";
import type { Erased } from "./erase-unit";
import { type Term, termsOf } from "./traces";
import { blankJournalledConflicts, hideShown, selectRefusedBy } from "./traces-store";

export type LeadErasureReceipt = Erased & {
  lead_id: string;
  erased_at: number;
  /** aliases that are suppressed from now on */
  suppressed: number;
  /** over all of the above, but itself */
  signature: string;
};

/** A person as the search for traces needs them. */
export type Person = {
  lead: Lead;
  /** leads that were merged into this one */
  others: string[];
  /** leads that were refused an alias of this one */
  refused: string[];
  terms: Term[];
};

/** Two D1 round trips. Throws not_found, gone (merged). */
export async function loadPerson(ctx: Ctx, leadId: string): Promise<Person> {
  const lead = await requireLeadRow(ctx, leadId);
  const [merged, refused] = await ctx.db.batch([selectMergedIds(ctx.db, leadId), selectRefusedBy(ctx.db, leadId)]);
  const others = merged.map((row) => row.lead_id);
  return { lead, others, refused: refused.map((row) => row.lead_id), terms: termsOf(lead, [leadId, ...others]) };
}

type Finish = {
  /** what went before */
  erased: Erased;
  suppressed: number;
  sign(receipt: object): Promise<string>;
  remember: Remember<LeadErasureReceipt>;
  /** of a job: statements that the commit begins with. It is tried once (CommitConflict) */
  begin?: (receipt: LeadErasureReceipt) => readonly Statement<never>[];
};

/** Empties what other leads and journals say of the person, and deletes the lead with all that is stored under its id. Five D1 round trips. */
export async function finishErasure(ctx: Ctx, { lead, others, refused, terms }: Person, given: Finish): Promise<LeadErasureReceipt> {
  const erased: Erased = { rows: { ...given.erased.rows }, objects: given.erased.objects };
  const texts = terms.map(({ text }) => text);
  const aliases = aliasPairs(lead);
  await forgetDeleted(ctx, aliases, erased);
  const [, hidden, journalled] = await ctx.db.batch([
    ...hideShown(ctx, refused, texts, ctx.now()),
    blankJournalledConflicts(ctx.db, aliases),
  ]);
  add(erased, "undo_journal", journalled.length);
  add(erased, "leads_showing_an_address", hidden.length);
  const commitAll = () => commit(ctx, lead.lead_id, others, { ...given, erased });
  return given.begin ? commitAll() : untilCommitted(commitAll);
}

export const aliasPairs = ({ aliases }: Lead): string => JSON.stringify(aliases.map(({ kind, value }) => [kind, value]));

/** The journal forgets the deleted leads that had one of the aliases: they were the same person. */
export async function forgetDeleted({ db }: Ctx, aliases: string, erased: Erased): Promise<void> {
  const same = await db.all(selectDeletedWith(db, aliases));
  if (same.length === 0) return;
  await db.batch(same.flatMap(({ lead_id }) => erasesOfUndo(db, lead_id)));
  add(erased, "undo_journal", same.length);
}

export async function requireLeadRow(ctx: Ctx, leadId: string): Promise<Lead> {
  const [row] = await ctx.db.all(selectLead(ctx.db, leadId));
  if (!row) throw await absence(ctx, leadId);
  return readLead(row);
}

async function commit(
  ctx: Ctx,
  lead_id: string,
  others: readonly string[],
  { erased, suppressed, sign, remember, begin = () => [] }: Finish,
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
    ...begin(receipt),
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
