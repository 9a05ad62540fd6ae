import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { sha256Hex } from "../../hash";
import { ALIAS_KINDS } from "../../vocabulary";
import { type CsvTable, parseChunk } from "../csv";
import { eventColumns, readEventRows, type StoredEventMapping } from "./event-chunks";
import { previewImport, type Upload } from "./preview-import";
import { queueJob } from "./start-import";
import type { JobSummary } from "./store";

export type StartedEventImport = {
  job: JobSummary;
  /** rows that are events */
  imported: number;
  /** rows that are none */
  errors: number;
};

/**
 * Imports a CSV file of events (contract: import). Every row is judged before the answer, so its counts are final but for rows whose
 * lead_id turns out to be nobody's; the events are then stored chunk by chunk, like the leads of a lead import. The same file again
 * repeats no event. Throws what `previewImport` throws, and invalid_request for a header without event_type or without any identifier.
 */
export async function importEvents(ctx: Ctx, upload: Upload, options: { skip_triggers: boolean }): Promise<StartedEventImport> {
  const preview = await previewImport(ctx, upload);
  const { table, utf8 } = preview;
  // an errors file of ours come back ends with our own two columns
  const columns = eventColumns(table.guarded ? table.headers.slice(0, -2) : table.headers);
  if (!columns) {
    throw new AppError("invalid_request", `The file needs a column event_type, and lead_id or one of ${ALIAS_KINDS.join(", ")}`, [
      { path: "file", message: `its columns are: ${table.headers.join(", ").slice(0, 500)}` },
    ]);
  }
  const mapping: StoredEventMapping = {
    columns,
    skip_triggers: options.skip_triggers,
    region: upload.default_region ?? ctx.unit.default_region,
    workspace_id: ctx.unit.workspace_id,
    source: sha256Hex(utf8).slice(0, 24),
    received_at: ctx.now(),
  };
  const counts = judge(table, utf8, mapping);
  const { file_id, file_name } = preview;
  // what decides a row is the file, how its phones are read and whether it may fire, not when it came: the same again is the same job
  const identity = [mapping.source, mapping.region, mapping.skip_triggers];
  const job = await queueJob(ctx, {
    file_id,
    file_name,
    kind: "events",
    mapping: JSON.stringify(mapping),
    identity,
    total_rows: table.row_count,
    chunk_count: table.chunks.length,
  });
  return { job, ...counts };
}

function judge(table: Omit<CsvTable, "utf8">, utf8: Uint8Array, mapping: StoredEventMapping): { imported: number; errors: number } {
  const counts = { imported: 0, errors: 0 };
  for (const { offset, length, first_row } of table.chunks) {
    const rows = parseChunk(utf8.subarray(offset, offset + length), { first_row, delimiter: table.delimiter, guarded: table.guarded });
    const read = readEventRows(rows, mapping);
    counts.imported += read.events.length;
    counts.errors += read.errors.length;
  }
  return counts;
}
