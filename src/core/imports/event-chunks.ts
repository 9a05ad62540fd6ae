/** A chunk whose rows are events. */

import { isoTime, parseIsoTime } from "../../time";
import { ALIAS_KINDS, type AliasKind, isOneOf } from "../../vocabulary";
import type { CsvRow } from "../csv";
import { type EventProblem, type IdentifiedEvent, processOnce, type QueuedEvent, type Rejection, readEvent } from "../events";
import { ALIAS_CHARS_MAX } from "../leads";
import { type DateOrder, parseDate } from "./cells";
import type { ChunkWork, ReadRows } from "./chunk";
import { chunkMark } from "./chunk-store";
import { mendWrites } from "./errors-file/mend";
import type { TrailColumns } from "./errors-file/trail";
import { contentHash } from "./event-rows";
import { type RowError, type RowErrorCode, rowError } from "./import-row";

export type EventColumns = {
  event_type: number;
  lead_id: number | null;
  timestamp: number | null;
  event_id: number | null;
  aliases: { column: number; kind: AliasKind }[];
  /** every other column is kept with the event, by its name */
  metadata: { column: number; key: string }[];
};

/** As a job keeps it. */
export type StoredEventMapping = {
  columns: EventColumns;
  skip_triggers: boolean;
  region: string | null;
  /** hash of the file's content: part of the id of a row without an event_id, which is the same each time the file is uploaded */
  source: string;
  /** ms; when the file was uploaded */
  received_at: number;
  /** IANA name, for times without an offset; UTC when left out */
  time_zone?: string;
  order?: DateOrder | null;
  /** [row, how many rows above it are alike]; left out by jobs whose rows are known by their place in the file */
  repeats?: [row: number, above: number][];
  /** of an errors file */
  mends?: TrailColumns | null;
};

type ReadEvents = ReadRows & {
  events: QueuedEvent[];
  errors: RowError[];
  rowOf: Map<QueuedEvent, CsvRow>;
};

/**
 * What the columns of a header mean; null when it has no event_type or no column that identifies a lead. `mapping` names what a column is where
 * its own name does not say so; a name that is not one of an event's fields becomes the key of its metadata.
 */
export function eventColumns(headers: readonly string[], mapping: Readonly<Record<string, string>> = {}): EventColumns | null {
  const names = headers.map((header) =>
    (Object.hasOwn(mapping, header) ? (mapping[header] ?? "") : header)
      .trim()
      .toLowerCase()
      .replace(/[\s-]+/g, "_"),
  );
  const column = (name: string): number | null => (names.includes(name) ? names.indexOf(name) : null);
  const event_type = column("event_type");
  const lead_id = column("lead_id");
  const aliases = ALIAS_KINDS.flatMap((kind) => (column(kind) === null ? [] : [{ column: column(kind) ?? 0, kind }]));
  if (event_type === null || (lead_id === null && aliases.length === 0)) return null;
  const fixed = { event_type, lead_id, timestamp: column("timestamp"), event_id: column("event_id") };
  const used = new Set([...Object.values(fixed), ...aliases.map((alias) => alias.column)]);
  const keyOf = (header: string): string => (Object.hasOwn(mapping, header) ? mapping[header]?.trim() : "") || header;
  const metadata = headers.flatMap((header, index) => (used.has(index) ? [] : [{ column: index, key: keyOf(header) }]));
  return { ...fixed, aliases, metadata };
}

/** Reads a row as an event; returns its error where it is invalid. Pure. */
export function eventRowReader(mapping: StoredEventMapping): (row: CsvRow) => QueuedEvent | RowError {
  const unit = { default_region: mapping.region };
  const above = mapping.repeats && new Map(mapping.repeats);
  return (row) => {
    const event = readEvent(eventInput(row, mapping, above), unit, mapping.received_at);
    return Array.isArray(event) ? errorOf(row, event, mapping.columns) : event;
  };
}

const readEventRows =
  (read: ReturnType<typeof eventRowReader>) =>
  (rows: readonly CsvRow[]): ReadEvents => {
    const chunk: ReadEvents = { rows, events: [], errors: [], rowOf: new Map() };
    for (const row of rows) {
      const event = read(row);
      if ("code" in event) chunk.errors.push(event);
      else {
        chunk.events.push(event);
        chunk.rowOf.set(event, row);
      }
    }
    return chunk;
  };

export function readEventMapping(json: string): StoredEventMapping {
  return JSON.parse(json);
}

export const eventChunks = (job_id: string, mapping: StoredEventMapping): ChunkWork<ReadEvents, never> => ({
  job_id,
  read: readEventRows(eventRowReader(mapping)),
  async commit(ctx, { no, chunk, more }) {
    const { events, errors, rowOf } = chunk;
    await processOnce(ctx, events, { silent: mapping.skip_triggers }, ({ stored, duplicates, rejected }) => {
      const failed = [...errors, ...rejected.flatMap((rejection) => rejectedRow(rowOf, rejection, mapping))].sort((a, b) => a.row - b.row);
      const counts = { created: stored, changed: 0, unchanged: duplicates };
      return [
        ...chunkMark(ctx.db, { job_id, chunk_no: no, counts, errors: failed, conflicts: [], now: ctx.now() }),
        ...mendWrites(ctx.db, chunk.rows, failed, mapping.mends ?? null),
        ...more,
      ];
    });
    return null;
  },
});

function eventInput(row: CsvRow, mapping: StoredEventMapping, above: ReadonlyMap<number, number> | undefined): IdentifiedEvent {
  const { columns } = mapping;
  const cell = (column: number | null) => (column === null ? "" : (row.cells[column]?.trim() ?? ""));
  const optional = (column: number | null) => cell(column) || undefined;
  const metadata = columns.metadata.flatMap(({ column, key }): [string, string][] => (cell(column) === "" ? [] : [[key, cell(column)]]));
  return {
    event_id: cell(columns.event_id) || rowId(row, mapping, above),
    lead_id: optional(columns.lead_id),
    aliases: columns.aliases.flatMap(({ column, kind }) => (cell(column) === "" ? [] : [{ path: kind, kind, raw: cell(column) }])),
    event_type: cell(columns.event_type),
    timestamp: timeOf(cell(columns.timestamp), mapping),
    metadata: metadata.length === 0 ? undefined : Object.fromEntries(metadata),
  };
}

/** A row without an event_id is known by its content, so that an edited file repeats no event; the n-th of rows that are alike by that. */
function rowId(row: CsvRow, { columns, source }: StoredEventMapping, above: ReadonlyMap<number, number> | undefined): string {
  return above ? `imp_${contentHash(row, columns)}_${above.get(row.row) ?? 0}` : `imp_${source}_${row.row}`;
}

/** RFC 3339 where the cell holds a time in a common format; else the cell as it is. */
function timeOf(cell: string, { time_zone = "UTC", order = null }: StoredEventMapping): string | undefined {
  if (cell === "") return undefined;
  const parsed = Number.isNaN(parseIsoTime(cell)) ? parseDate(cell, { time_zone, order }) : null;
  return parsed === null || Math.abs(parsed.ms) > INSTANT_MS_MAX ? cell : isoTime(parsed.ms);
}

/** The year 9999 and beyond have no RFC 3339 form. */
const INSTANT_MS_MAX = Date.parse("9999-12-31T23:59:59.999Z");

function errorOf(row: CsvRow, [problem]: EventProblem[], columns: EventColumns): RowError {
  const path = problem?.path ?? "";
  const column = columnOf(path, row, columns);
  const cell = column === null ? "" : (row.cells[column] ?? "");
  const code = codeOf(path, cell.trim());
  return rowError(row.row, code, column, code === "invalid_event" ? (problem?.message ?? "") : cell);
}

/** Null where no single cell is at fault: no identifier at all, or an event that is too large. */
function columnOf(path: string, row: CsvRow, columns: EventColumns): number | null {
  if (path === "lead_id") return row.cells[columns.lead_id ?? -1]?.trim() ? columns.lead_id : null;
  if (path === "event_type" || path === "timestamp" || path === "event_id") return columns[path];
  return columns.aliases.find(({ kind }) => kind === path)?.column ?? null;
}

function codeOf(path: string, cell: string): RowErrorCode {
  if (path === "lead_id") return cell === "" ? "missing_identifier" : "unknown_lead";
  if (path === "timestamp") return "invalid_timestamp";
  if (path === "event_id") return "invalid_event_id";
  if (path === "event_type") return cell === "" ? "missing_event_type" : "event_type_too_long";
  if (!isOneOf(ALIAS_KINDS, path)) return "invalid_event";
  if (cell.length > ALIAS_CHARS_MAX) return "identifier_too_long";
  return path === "email" ? "invalid_email" : "invalid_phone";
}

function rejectedRow(rowOf: ReadonlyMap<QueuedEvent, CsvRow>, { event, quota }: Rejection, { columns }: StoredEventMapping): RowError[] {
  const row = rowOf.get(event);
  if (!row) return [];
  if (quota) return [rowError(row.row, "quota_used_up", null, quota)];
  return [rowError(row.row, "unknown_lead", columns.lead_id, row.cells[columns.lead_id ?? -1] ?? "")];
}
