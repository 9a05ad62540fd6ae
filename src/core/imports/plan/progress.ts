/** What a plan has counted so far. Pure. */
import type { RowOutcome } from "../../../vocabulary";
import { addFired, type Fired, NOTHING_FIRED } from "./forecast";
import type { PlannedObject } from "./plan-objects";
import type { PlannedRow } from "./planned-row";

export type PlannedChunk = PlannedObject & { outcomes: Partial<Record<RowOutcome, number>> };

export type PlanProgress = {
  conflicts: number;
  /** by column of the file: cells that would change a lead */
  columns: Record<number, number>;
  /** by column of the file: cells that are left out because a person wrote the field last */
  spared?: Record<number, number>;
  rows_written: number;
  /** missing in plans that were created before it was counted */
  fired?: Fired;
  chunks: PlannedChunk[];
  /** that left an index of what their chunks touch; `to`: the chunk after its last */
  runs?: { run: string; to: number }[];
};

export const newProgress = (): PlanProgress => ({ conflicts: 0, columns: {}, rows_written: 0, fired: NOTHING_FIRED, chunks: [] });

export function addChunk(
  progress: PlanProgress,
  object: PlannedObject,
  {
    rows,
    columns,
    spared,
    rows_written,
    fired,
  }: { rows: readonly PlannedRow[]; columns: readonly number[]; spared: readonly number[]; rows_written: number; fired: Fired },
): void {
  const outcomes: PlannedChunk["outcomes"] = {};
  for (const { outcome, conflicts } of rows) {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    progress.conflicts += conflicts.length;
  }
  for (const column of columns) progress.columns[column] = (progress.columns[column] ?? 0) + 1;
  progress.spared ??= {};
  for (const column of spared) progress.spared[column] = (progress.spared[column] ?? 0) + 1;
  progress.rows_written += rows_written;
  if (progress.fired) progress.fired = addFired(progress.fired, fired);
  progress.chunks.push({ ...object, outcomes });
}

export const countOf = ({ chunks }: PlanProgress, outcome: RowOutcome): number =>
  chunks.reduce((sum, { outcomes }) => sum + (outcomes[outcome] ?? 0), 0);
