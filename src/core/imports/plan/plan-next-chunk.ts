/** Plans one chunk of a file as its import would commit it. */
import type { Ctx } from "../../../context";
import { derivedUuid } from "../../../ids";
import type { AliasOwners } from "../../leads";
import type { RowInput } from "../import-row";
import { linkInserts, type ReadLeads } from "../lead-chunks";
import type { StoredMapping } from "../mapping";
import type { ChunkPlan } from "../plan-chunk";
import { planRows, type RowPlanner } from "../plan-rows";
import { withinRoom } from "../room";
import { sparingEdits } from "../spare-edits";
import { linkAccounts } from "../targets/link-accounts";
import { changedColumns } from "./changed-columns";
import type { EarlierChunks } from "./earlier-chunks";
import { type Fired, forecastChunk, leadsBefore, type Watching } from "./forecast";
import type { Overlay } from "./overlay";
import { type PlannedRow, type RowResult, resultWithoutLead, skippedRows, watchRows } from "./planned-row";
import { readsJson } from "./reads";
import { countRowsWritten, ROWS_PER_ACCOUNT } from "./rows-written";
import { loadStoredDiffs, type StoredDiffs } from "./stored-diffs";

/** Where the ids of the leads come from that a plan creates: its import gives them the same. */
export type PlanIds = { seed: string; created_at: number };

export const plannedLeadId =
  (ctx: Ctx, { seed, created_at }: PlanIds) =>
  ({ row }: RowInput): string =>
    derivedUuid(seed, row, created_at, ctx.unit.shard);

type PlannedNext = {
  rows: PlannedRow[];
  /** JSON of a `ChunkReads` */
  reads: string;
  /** the column of every cell that would change a lead */
  columns: number[];
  /** the column of every cell that is left out because a person wrote the field last */
  spared: number[];
  rows_written: number;
  /** ids of accounts that the chunk creates */
  accounts: string[];
  fired: Fired;
};

type Progressing = {
  mapping: StoredMapping;
  ids: PlanIds;
  overlay: Overlay;
  earlier: Pick<EarlierChunks, "createsAccount">;
  room: number;
  /** null: no segment is watched */
  watching: Watching | null;
};

/**
 * `stored`: the owners of the rows' aliases; `room`: leads that the chunk may create. The overlay has the leads that the rows name. Two D1 round
 * trips at most, three where rows name accounts, and those of `forecastChunk`.
 */
export async function planNextChunk(
  ctx: Ctx,
  { mapping, ids, overlay, earlier, room, watching }: Progressing,
  read: ReadLeads,
  stored: AliasOwners,
): Promise<PlannedNext> {
  const { inputs, created } = await linkAccounts(ctx.db, read.inputs);
  const accounts = created.map(({ account_id }) => account_id).filter((id) => !earlier.createsAccount(id));
  const chunk: ReadLeads = { ...read, inputs: [...inputs] };
  const owners = overlay.owners(stored, chunk.inputs);
  let results: RowResult[] = [];
  let storedLeads: Omit<StoredDiffs, "diffs"> = { versions: new Map(), searched: new Map() };
  const planner: RowPlanner = {
    newLeadId: plannedLeadId(ctx, ids),
    async loadDiffs(rows) {
      const { diffs, ...leads } = await loadStoredDiffs(ctx.db, rows, overlay);
      storedLeads = leads;
      return diffs;
    },
    now: ctx.now(),
    consent: mapping.consent,
    watch() {
      const { observe, written } = watchRows();
      return {
        observe,
        refuse(resolved, kept) {
          results = [...written, ...skippedRows(kept, resolved, owners)];
          return [];
        },
      };
    },
  };
  const sparing = sparingEdits(ctx.db, withinRoom(planner, Math.max(0, room)));
  const { plan: planned, rejected } = await planRows(chunk.inputs, owners, mapping.mode, sparing.planner);
  const plan = await linkInserts(ctx, planned);
  const rows = allRows(chunk, results, [...chunk.errors, ...rejected]);
  const ofLeads = await countRowsWritten(ctx.db, plan, { searched: storedLeads.searched, overlay });
  const before = leadsBefore(plan, overlay);
  overlay.follow(rows);
  return {
    rows,
    reads: readsJson(chunk.inputs, stored, storedLeads.versions),
    columns: changedColumns(chunk, results, mapping),
    spared: sparing.spared().map(({ column }) => column),
    rows_written: ofLeads + ROWS_PER_ACCOUNT * accounts.length + (watching ? queuedLeads(plan) : 0),
    accounts,
    fired: await forecastChunk(ctx, watching, plan, { before, overlay, accounts: created }),
  };
}

/** Where segments are watched, the commit queues the leads that it writes. */
const queuedLeads = ({ inserts, updates }: ChunkPlan): number => inserts.length + updates.length;

/** Every row of the chunk in file order, those that were not read as leads included. */
function allRows(chunk: ReadLeads, results: readonly RowResult[], errors: ReadLeads["errors"]): PlannedRow[] {
  const resultOf = new Map(results.map((result) => [result.row, result]));
  const errorOf = new Map(errors.map((error) => [error.row, error]));
  const warnings = Map.groupBy(chunk.warnings, ({ row }) => row);
  return chunk.rows.map(({ row }) => {
    const error = errorOf.get(row) ?? null;
    const result = error ? resultWithoutLead(row, "failed") : (resultOf.get(row) ?? resultWithoutLead(row, "skipped"));
    return { ...result, error, warnings: warnings.get(row) ?? [] };
  });
}
