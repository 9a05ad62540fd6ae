import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { sha256Hex } from "../../hash";
import { invalidRequest, parseInput } from "../../validation";
import { ALIAS_KINDS } from "../../vocabulary";
import { requireRole } from "../auth";
import { type CsvRow, type CsvTable, originalHeaders, parseChunk, trailColumns } from "../csv";
import { eventColumns, eventRowReader, type StoredEventMapping } from "./event-chunks";
import { readEventFile } from "./event-rows";
import { receiveFile } from "./receive-file";
import { EventImportOptions, Upload } from "./schemas";
import { hashOf, queueJob } from "./start-import";
import type { JobSummary } from "./store";

type StartedEventImport = {
  job: JobSummary;
  /** rows that are valid events */
  imported: number;
  /** rows that failed validation */
  errors: number;
};

/**
 * Imports a CSV file of events. Every row is validated before this returns, so its counts are final except for rows whose lead_id
 * turns out to be unknown; the events are then stored chunk by chunk, like the leads of a lead import. Importing the same file again
 * stores no event twice. Throws what `receiveFile` throws, forbidden (a viewer), and invalid_request for a header without event_type or any identifier.
 */
export async function importEvents(ctx: Ctx, givenUpload: Upload, given: EventImportOptions): Promise<StartedEventImport> {
  requireRole(ctx, "editor");
  const options = parseInput(EventImportOptions, given);
  const upload = parseInput(Upload, givenUpload);
  const preview = await receiveFile(ctx, upload);
  const { table, utf8 } = preview;
  const headers = originalHeaders(table);
  requireColumns(headers, options.column_mapping);
  const columns = eventColumns(headers, options.column_mapping);
  if (!columns) {
    throw new AppError("invalid_request", `The file needs a column event_type, and lead_id or one of ${ALIAS_KINDS.join(", ")}`, [
      { path: "file", message: `its columns are: ${table.headers.join(", ").slice(0, 500)}` },
    ]);
  }
  const rows = () => rowsOf(table, utf8);
  const mapping: StoredEventMapping = {
    columns,
    skip_triggers: options.skip_triggers,
    region: upload.default_region ?? ctx.unit.default_region,
    source: sha256Hex(utf8).slice(0, 24),
    received_at: ctx.now(),
    time_zone: options.time_zone ?? "UTC",
    mends: trailColumns(table),
    ...readEventFile(rows, table.row_count, columns),
  };
  const counts = countRows(rows(), mapping);
  await ctx.meter.takeEvents(counts.imported);
  const { file_id, file_name } = preview;
  // the result depends on the file and the options, not on the time of upload: the same again is the same job
  const identity = hashOf([mapping.source, mapping.region, mapping.skip_triggers, mapping.time_zone, options.column_mapping ?? {}]);
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

function requireColumns(headers: readonly string[], mapping: Readonly<Record<string, string>> = {}): void {
  const unknown = Object.keys(mapping).filter((name) => !headers.includes(name));
  const list = headers.join(", ").slice(0, 500);
  const message = (name: string) => `The file has no column "${name.slice(0, 100)}"; its columns are: ${list}`;
  if (unknown.length > 0)
    throw invalidRequest(unknown.slice(0, 100).map((name) => ({ path: `column_mapping.${name}`, message: message(name) })));
}

function* rowsOf(table: Omit<CsvTable, "utf8">, utf8: Uint8Array): Generator<CsvRow> {
  const { delimiter, guarded } = table;
  for (const { offset, length, first_row } of table.chunks)
    yield* parseChunk(utf8.subarray(offset, offset + length), { first_row, delimiter, guarded });
}

function countRows(rows: Iterable<CsvRow>, mapping: StoredEventMapping): { imported: number; errors: number } {
  const counts = { imported: 0, errors: 0 };
  const validate = eventRowReader(mapping);
  for (const row of rows) counts["event_id" in validate(row) ? "imported" : "errors"] += 1;
  return counts;
}
