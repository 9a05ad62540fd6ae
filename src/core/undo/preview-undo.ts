import type { Ctx } from "../../context";
import type { Lead } from "../leads";
import type { KeptItem } from "./entry";
import { KEPT_SHOWN_MAX } from "./limits";
import { loadRow } from "./load-row";
import { planUndo, type UndoPlan, type UndoState } from "./plan-undo";
import { loadDeleted, planRestoration } from "./restore-deleted";
import { type KeptFieldRow, selectRowKeys } from "./run-store";

/** Half of the D1 queries of one invocation, four for each row. */
const ROWS_MAX = 120;

export type UndoPreview = {
  removed: number;
  restored: number;
  kept: number;
  fields: KeptFieldRow[];
  /** false: the operation is so large that only its last 120 rows of the journal are counted */
  complete: boolean;
};

/** What an undo would do if it ran now: counts, and the first 1,000 fields that it would keep. One D1 round trip for each row of the journal, and one. */
export async function previewUndo(ctx: Ctx, operationId: string): Promise<UndoPreview> {
  const keys = await ctx.db.all(selectRowKeys(ctx.db, operationId, ROWS_MAX + 1));
  const preview: UndoPreview = { removed: 0, restored: 0, kept: 0, fields: [], complete: keys.length <= ROWS_MAX };
  const left = new Map<string, Lead | null>();
  const keptSoFar = new Map<string, KeptItem[]>();
  const seen = new Set<string>();
  for (const key of keys.slice(0, ROWS_MAX)) {
    const state = await loadRow(ctx.db, operationId, key);
    if (!state) continue;
    if (state.row.kind === "deleted") {
      const { leads, kept } = planRestoration(await loadDeleted(ctx, state.row.entries), state.row.written_at);
      preview.restored += leads.length;
      addKept(preview, seen, kept);
      continue;
    }
    const leads = new Map([...state.leads].flatMap(([id, lead]) => entryUnlessGone(id, left.has(id) ? left.get(id) : lead)));
    const plan = planUndo({ ...state, leads, kept: withKept(state, keptSoFar, ctx.now()) }, ctx.now());
    for (const { lead_id, items } of plan.kept) keptSoFar.set(lead_id, items);
    for (const [id, lead] of plan.again) left.set(id, lead);
    preview.removed += plan.counts.removed;
    preview.restored += plan.counts.restored;
    addKept(preview, seen, plan.kept);
  }
  preview.fields.sort((a, b) => (a.lead_id < b.lead_id || (a.lead_id === b.lead_id && a.field < b.field) ? -1 : 1));
  return preview;
}

function addKept(preview: UndoPreview, seen: Set<string>, kept: UndoPlan["kept"]): void {
  for (const { lead_id, items } of kept) {
    for (const [field, reason] of items) {
      const id = `${lead_id} ${field}`;
      if (seen.has(id)) continue;
      seen.add(id);
      preview.kept += 1;
      if (preview.fields.length < KEPT_SHOWN_MAX) preview.fields.push({ lead_id, field, reason });
    }
  }
}

/** What the undo would have stored by this row. */
function withKept(
  { operation_id, kept, leads }: UndoState,
  keptSoFar: ReadonlyMap<string, KeptItem[]>,
  kept_at: number,
): UndoState["kept"] {
  const found = new Map(kept);
  for (const lead_id of leads.keys()) {
    const items = keptSoFar.get(lead_id);
    const others = (found.get(lead_id) ?? []).filter((row) => row.operation_id !== operation_id);
    if (items) found.set(lead_id, [...others, { lead_id, operation_id, items, kept_at }]);
  }
  return found;
}

const entryUnlessGone = (id: string, lead: Lead | null | undefined): [string, Lead][] => (lead ? [[id, lead]] : []);
