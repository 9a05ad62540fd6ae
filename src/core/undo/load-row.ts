import type { RowsOf, UnitDb } from "../../context";
import { readLead } from "../leads";
import type { KeptItem, KeptRow } from "./entry";
import type { UndoState } from "./plan-undo";
import { loadStatements, type RowKey, type StoredKept } from "./undo-store";

export type LoadedRows = RowsOf<ReturnType<typeof loadStatements>>;

/** A row of the journal and its leads as they are now; null when it is undone already. One D1 round trip. */
export const loadRow = async (db: UnitDb, operationId: string, key: RowKey): Promise<UndoState | null> =>
  readState(operationId, await db.batch(loadStatements(db, operationId, key)));

export function readState(operation_id: string, [[row], leads, kept, used]: LoadedRows): UndoState | null {
  if (!row) return null;
  return {
    operation_id,
    row,
    leads: new Map(leads.map((lead) => [lead.lead_id, readLead(lead)])),
    kept: byLead(kept),
    used: new Set(used.map(({ lead_id }) => lead_id)),
  };
}

function byLead(rows: readonly StoredKept[]): Map<string, KeptRow[]> {
  const found = new Map<string, KeptRow[]>();
  for (const { items, ...row } of rows) {
    const read: KeptItem[] = JSON.parse(items);
    found.set(row.lead_id, [...(found.get(row.lead_id) ?? []), { ...row, items: read }]);
  }
  return found;
}
