/** A standing import: its shape, and the input that it accepts. */
import { z } from "zod";
import { shortText } from "../../../schemas";
import { HOUR_MS } from "../../../time";
import { oneOf, SOURCE_SCHEDULES, type SourceSchedule } from "../../../vocabulary";
import { ImportMapping, type ImportMapping as Mapping } from "../schemas";

const NAME_CHARS_MAX = 100;
export const SOURCES_MAX = 50;

/** From this share on a version waits for a person. */
const percent = (usual: number, what: string) =>
  z
    .number()
    .min(0, "must be from 0 to 100")
    .max(100, "must be from 0 to 100")
    .nullable()
    .default(usual)
    .meta({ description: `${what}; null: never` });

export const SourceStops = z.object({
  changed_percent: percent(50, "Rows that would change a lead"),
  failed_percent: percent(10, "Rows that would fail"),
  placeholder_percent: percent(20, "Rows with a placeholder in place of an identifier"),
});
export type SourceStops = z.output<typeof SourceStops>;

export const ImportSourceInput = z.object({
  name: shortText(NAME_CHARS_MAX),
  url: z.string().meta({
    description: "https: a Google Sheets export link, or a feed",
    example: "https://docs.google.com/spreadsheets/d/1abc/export?format=csv",
  }),
  schedule: z.enum(SOURCE_SCHEDULES, oneOf(SOURCE_SCHEDULES)).default("daily"),
  mapping: ImportMapping,
  stops: SourceStops.prefault({}),
  active: z.boolean().default(true),
});
export type ImportSourceInput = z.input<typeof ImportSourceInput>;

const PERIOD_HOURS: Record<SourceSchedule, number> = { hourly: 1, daily: 24, weekly: 168 };

/** When a source that is polled at `now` is polled next, in ms. */
export const nextPoll = (schedule: SourceSchedule, now: number): number => now + PERIOD_HOURS[schedule] * HOUR_MS;

export const STOP_CODES = ["headers_drifted", "mapping_invalid", "changed", "failed", "placeholders", "plan_failed"] as const;
export type StopReason = { code: (typeof STOP_CODES)[number]; message: string };

/** What a poll found: it is taken by an import, or waits. */
export type Version = { etag: string | null; last_modified: string | null; content_hash: string; headers: string[] };

export type PendingVersion = Version & {
  /** `planning`: its plan is not completed; `waiting`: for a person */
  state: "planning" | "waiting";
  since: number;
  file_id: string;
  /** null: the mapping does not fit the file */
  plan_id: string | null;
  reasons: StopReason[];
  counts: { created: number; changed: number; unchanged: number; failed: number } | null;
  total_rows: number;
};

export type ImportSource = {
  source_id: string;
  name: string;
  url: string;
  schedule: SourceSchedule;
  mapping: Mapping;
  stops: SourceStops;
  active: boolean;
  created_at: number;
  updated_at: number;
  next_poll_at: number;
  claimed_at: number | null;
  last_polled_at: number | null;
  failures: number;
  last_error: string | null;
  etag: string | null;
  last_modified: string | null;
  content_hash: string | null;
  headers: string[] | null;
  last_job_id: string | null;
  pending: PendingVersion | null;
};
