/** The history of one lead: its changes form a chain, from the newest one back. */
import type { Statement, UnitDb } from "../../context";
import { type LeadChangeEntry, readEntry } from "./change";
import { historyCursor } from "./schemas";
import { type HistoryRow, selectHistory } from "./store";

export type LeadHistory = { changes: LeadChangeEntry[]; cursor: string | null; has_more: boolean };
type Frontier = readonly (readonly [lead: string, seq: number])[];

/** The statement that reads a page for `readHistory`, with one row more than the page has. `from`: where the previous page ended. */
export const historyOf = (db: UnitDb, leadId: string, from: Frontier | undefined, limit: number): Statement<HistoryRow> =>
  selectHistory(db, leadId, from ?? null, limit + 1);

/** A page, newest first, with the changes of the leads that were merged into this one. */
export function readHistory(rows: readonly HistoryRow[], from: Frontier | undefined, limit: number): LeadHistory {
  const page = rows.slice(0, limit);
  const has_more = rows.length > limit;
  return { changes: page.map(readEntry), cursor: has_more ? historyCursor(frontierAfter(page, from ?? [])) : null, has_more };
}

/** Where the next page begins: the start of this page and the changes that it leads to, without the changes of this page. */
function frontierAfter(page: readonly HistoryRow[], from: Frontier): Frontier {
  const read = new Set(page.map(({ lead_id, seq }) => `${lead_id}:${seq}`));
  const next = page.flatMap((row) => JSON.parse(row.next) as Frontier);
  return [...from, ...next].filter(([lead, seq]) => !read.has(`${lead}:${seq}`));
}
