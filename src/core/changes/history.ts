/** What happened to one lead: its changes are a chain, from its newest one back. */
import type { Statement, UnitDb } from "../../context";
import { type LeadChangeEntry, readEntry } from "./change";
import { historyCursor } from "./schemas";
import { type HistoryRow, selectHistory } from "./store";

export type LeadHistory = { changes: LeadChangeEntry[]; cursor: string | null; has_more: boolean };
type Frontier = readonly (readonly [lead: string, seq: number])[];

/** The statement for a page, one row more than the page has: for `readHistory`. `from`: where the page before ended. */
export const historyOf = (db: UnitDb, leadId: string, from: Frontier | undefined, limit: number): Statement<HistoryRow> =>
  selectHistory(db, leadId, from ?? null, limit + 1);

/** A page, newest first, with the changes of the leads that were merged into this one. */
export function readHistory(rows: readonly HistoryRow[], from: Frontier | undefined, limit: number): LeadHistory {
  const page = rows.slice(0, limit);
  const has_more = rows.length > limit;
  return { changes: page.map(readEntry), cursor: has_more ? historyCursor(frontierAfter(page, from ?? [])) : null, has_more };
}

/** What is next after a page: where it began and what its changes lead to, without its changes themselves. */
function frontierAfter(page: readonly HistoryRow[], from: Frontier): Frontier {
  const read = new Set(page.map(({ lead_id, seq }) => `${lead_id}:${seq}`));
  const next = page.flatMap((row) => JSON.parse(row.next) as Frontier);
  return [...from, ...next].filter(([lead, seq]) => !read.has(`${lead}:${seq}`));
}
