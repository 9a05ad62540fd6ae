/** What undoing one row of the journal writes. Pure. */
import type { Lead } from "../leads";
import { type ConflictEntry, type JournalRow, type KeptItem, type KeptRow, readEntries } from "./entry";
import { type LeftOnLead, type UndoneLead, undoChange, undoCreation } from "./undo-lead";

/** The leads of a row of the journal as they are now. */
export type UndoState = {
  operation_id: string;
  row: JournalRow;
  leads: ReadonlyMap<string, Lead>;
  /** what undos of this operation and of others left on these leads */
  kept: ReadonlyMap<string, readonly KeptRow[]>;
  /** those that other parts keep something of: events, a place in a channel */
  used: ReadonlySet<string>;
};

export type UndoPlan = {
  removed: Lead[];
  /** leads that are written, and as what */
  restored: { before: Lead; after: Lead }[];
  /** all that is kept of each lead, of earlier rows of the journal too */
  kept: { lead_id: string; items: KeptItem[] }[];
  conflicts: ConflictEntry[];
  /** leads; one that two chunks of the operation wrote counts once */
  counts: { removed: number; restored: number };
  /** the leads that an earlier chunk may have written, as the plan leaves them; null: gone */
  again: Map<string, Lead | null>;
};

export function planUndo(state: UndoState, now: number): UndoPlan {
  const { created, changed, conflicts } = readEntries(state.row);
  const { written_at } = state.row;
  const plan: UndoPlan = { removed: [], restored: [], kept: [], conflicts, counts: { removed: 0, restored: 0 }, again: new Map() };
  for (const entry of created) {
    const lead = state.leads.get(entry.lead_id);
    if (lead) add(plan, state, undoCreation(lead, entry, leftOn(state, entry.lead_id), state.used.has(entry.lead_id), written_at), now);
  }
  for (const entry of changed) {
    const lead = state.leads.get(entry.lead_id);
    if (!lead) {
      keep(plan, state, entry.lead_id, [["lead", "lead_deleted", [], [], written_at]]);
      continue;
    }
    const undone = undoChange(lead, entry, leftOn(state, entry.lead_id), state.used.has(entry.lead_id), written_at);
    const after = add(plan, state, undone, now);
    if (after !== lead && after !== null && !entry.again) plan.counts.restored += 1;
    if (entry.again) plan.again.set(entry.lead_id, after);
  }
  return plan;
}

function keep(plan: UndoPlan, { operation_id, kept }: UndoState, lead_id: string, items: readonly KeptItem[]): void {
  if (items.length === 0) return;
  plan.kept.push({ lead_id, items: [...itemsOf(kept.get(lead_id) ?? [], operation_id), ...items] });
}

/** Adds a lead to the plan; returns it as the plan leaves it. */
function add(plan: UndoPlan, state: UndoState, { before, after, kept }: UndoneLead, now: number): Lead | null {
  keep(plan, state, before.lead_id, kept);
  if (after === null) {
    plan.removed.push(before);
    plan.counts.removed += 1;
    return null;
  }
  if (after === before) return before;
  const written = { ...after, version: before.version + 1, updated_at: Math.max(now, before.updated_at + 1) };
  plan.restored.push({ before, after: written });
  return written;
}

/** Of other operations: of those that wrote before this one and were undone after it wrote. */
function leftOn({ operation_id, row, kept }: UndoState, leadId: string): LeftOnLead {
  const rows = kept.get(leadId) ?? [];
  const beneath = rows
    .filter((other) => other.operation_id !== operation_id && other.kept_at >= row.written_at)
    .flatMap(({ items }) => items.filter(([, , , , written_at]) => written_at <= row.written_at));
  return { beneath, own: itemsOf(rows, operation_id) };
}

const itemsOf = (rows: readonly KeptRow[], operationId: string): readonly KeptItem[] =>
  rows.find(({ operation_id }) => operation_id === operationId)?.items ?? [];
