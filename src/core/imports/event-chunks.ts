/** A chunk whose rows are events. */

import { ALIAS_KINDS, type AliasKind, isOneOf } from "../../vocabulary";
import type { CsvRow } from "../csv";
import { type EventInput, type EventProblem, processOnce, type QueuedEvent, readEvent } from "../events";
import { ALIAS_CHARS_MAX } from "../leads";
import type { ChunkWork, ReadRows } from "./chunk";
import { chunkMark } from "./chunk-store";
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
  workspace_id: string;
  /** hash of the file's content: part of the id of a row without an event_id, which is the same each time the file is uploaded */
  source: string;
  /** ms; when the file was uploaded */
  received_at: number;
};

type ReadEvents = ReadRows & {
  events: QueuedEvent[];
  errors: RowError[];
  rowOf: Map<QueuedEvent, CsvRow>;
};

/** What the columns of a header mean; null when it has no event_type or no column that identifies a lead. */
export function eventColumns(headers: readonly string[]): EventColumns | null {
  const names = headers.map((header) =>
    header
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
  const metadata = headers.flatMap((key, index) => (used.has(index) ? [] : [{ column: index, key }]));
  return { ...fixed, aliases, metadata };
}

/** Rows as events, and the errors of those that are invalid. Pure. */
export function readEventRows(rows: readonly CsvRow[], mapping: StoredEventMapping): ReadEvents {
  const read: ReadEvents = { rows, events: [], errors: [], rowOf: new Map() };
  const unit = { workspace_id: mapping.workspace_id, default_region: mapping.region };
  for (const row of rows) {
    const event = readEvent(eventInput(row, mapping), unit, mapping.received_at);
    if (Array.isArray(event)) {
      read.errors.push(errorOf(row, event, mapping.columns));
      continue;
    }
    read.events.push(event);
    read.rowOf.set(event, row);
  }
  return read;
}

export function readEventMapping(json: string): StoredEventMapping {
  return JSON.parse(json);
}

export const eventChunks = (job_id: string, mapping: StoredEventMapping): ChunkWork<ReadEvents, never> => ({
  job_id,
  read: (rows) => readEventRows(rows, mapping),
  async commit(ctx, { no, chunk, more }) {
    const { events, errors, rowOf } = chunk;
    await processOnce(ctx, events, { silent: mapping.skip_triggers }, ({ stored, duplicates, rejected }) => [
      ...chunkMark(ctx.db, {
        job_id,
        chunk_no: no,
        counts: { created: stored, changed: 0, unchanged: duplicates },
        errors: [...errors, ...rejected.flatMap((event) => unknownLead(rowOf.get(event), mapping))].sort((a, b) => a.row - b.row),
        conflicts: [],
        now: ctx.now(),
      }),
      ...more,
    ]);
    return null;
  },
});

function eventInput(row: CsvRow, mapping: StoredEventMapping): EventInput {
  const { columns } = mapping;
  const cell = (column: number | null) => (column === null ? "" : (row.cells[column]?.trim() ?? ""));
  const optional = (column: number | null) => cell(column) || undefined;
  const metadata = columns.metadata.flatMap(({ column, key }): [string, string][] => (cell(column) === "" ? [] : [[key, cell(column)]]));
  return {
    event_id: eventIdOf(row, mapping),
    lead_id: optional(columns.lead_id),
    aliases: columns.aliases.flatMap(({ column, kind }) => (cell(column) === "" ? [] : [{ path: kind, kind, raw: cell(column) }])),
    event_type: cell(columns.event_type),
    timestamp: optional(columns.timestamp),
    metadata: metadata.length === 0 ? undefined : Object.fromEntries(metadata),
  };
}

const eventIdOf = ({ row, cells }: CsvRow, { columns, source }: StoredEventMapping): string =>
  (columns.event_id === null ? "" : (cells[columns.event_id]?.trim() ?? "")) || `imp_${source}_${row}`;

function errorOf(row: CsvRow, [problem]: EventProblem[], columns: EventColumns): RowError {
  const path = problem?.path ?? "";
  const column = columnOf(path, columns);
  const cell = column === null ? "" : (row.cells[column] ?? "");
  const code = codeOf(path, cell.trim());
  return rowError(row.row, code, column, code === "invalid_event" ? (problem?.message ?? "") : cell);
}

/** Null where no single cell is at fault: no identifier at all, or an event that is too large. */
function columnOf(path: string, columns: EventColumns): number | null {
  if (path === "event_type" || path === "timestamp" || path === "event_id") return columns[path];
  return columns.aliases.find(({ kind }) => kind === path)?.column ?? null;
}

function codeOf(path: string, cell: string): RowErrorCode {
  if (path === "lead_id") return "missing_identifier";
  if (path === "timestamp") return "invalid_timestamp";
  if (path === "event_id") return "invalid_event_id";
  if (path === "event_type") return cell === "" ? "missing_event_type" : "event_type_too_long";
  if (!isOneOf(ALIAS_KINDS, path)) return "invalid_event";
  if (cell.length > ALIAS_CHARS_MAX) return "identifier_too_long";
  return path === "email" ? "invalid_email" : "invalid_phone";
}

const unknownLead = (row: CsvRow | undefined, { columns }: StoredEventMapping): RowError[] =>
  row ? [rowError(row.row, "unknown_lead", columns.lead_id, row.cells[columns.lead_id ?? -1] ?? "")] : [];
