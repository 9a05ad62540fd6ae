import type { Ctx, Statement } from "../../context";
import { queryGroups } from "../../db/batch";
import { AppError } from "../../errors";
import { sha256Hex } from "../../hash";
import { newId } from "../../ids";
import { parseInput } from "../../validation";
import { actorId, requireRole } from "../auth";
import { trailColumns } from "../csv";
import { insertProfileField, knownFields, selectProfileFields } from "../leads";
import { type ImportFile, readFile } from "./file";
import { resolveMapping, type StoredMapping } from "./mapping";
import { rememberUse } from "./memory/mappings";
import { selectPlaceholders, unitPatterns } from "./memory/placeholders";
import { mappingOfFailedRows } from "./memory/recall";
import { findRepeatedPlaceholders } from "./repeated-placeholders";
import { FileId, ImportMapping, type ImportMappingInput } from "./schemas";
import { type FileRow, holdFile, insertJob, type JobRow, type JobSummary, selectFile, selectRunningJob } from "./store";

export type StartOptions = {
  /** webhooks are notified of each lead that the job creates or changes */
  notify?: boolean;
};

export type StartedImport = { job: JobSummary; ignored_fields: string[] };

/**
 * Starts a job over a previewed file. While a job runs over the same file with the same mapping, returns that job. Two round trips.
 * Without a mapping, a file with the failed rows of an import is imported as that one was. Throws forbidden (a viewer), not_found (unknown or expired file), invalid_request (each wrong entry of the mapping named).
 */
export async function startImport(
  ctx: Ctx,
  file_id: string,
  given: ImportMappingInput | null,
  { notify = false }: StartOptions = {},
): Promise<StartedImport> {
  const { file, content, mapping, identity, created_fields } = await prepareImport(ctx, file_id, given);
  const job = await queueJob(ctx, {
    file_id: file.file_id,
    file_name: file.file_name,
    kind: "leads",
    mapping: JSON.stringify(notify ? { ...mapping, notify } : mapping),
    identity,
    total_rows: file.row_count,
    chunk_count: content.chunks.length,
    created_fields,
    more: () => rememberUse(ctx, file, mapping),
  });
  return { job, ignored_fields: mapping.ignored_fields };
}

type PreparedImport = { file: FileRow; content: ImportFile; mapping: StoredMapping; identity: string; created_fields: string[] };

/** Checks a mapping against its file and the unit's fields. Throws as `startImport`. */
export async function prepareImport(ctx: Ctx, file_id: string, given: ImportMappingInput | null): Promise<PreparedImport> {
  requireRole(ctx, "editor");
  const fileId = parseInput(FileId, file_id);
  // of any other file the mapping is then said to be missing
  const mapping = parseInput(ImportMapping, given ?? (await mappingOfFailedRows(ctx, fileId)) ?? {});
  await ctx.meter.requireStorage();
  const [[file], fields, [placeholders]] = await ctx.db.batch([
    selectFile(ctx.db, fileId),
    selectProfileFields(ctx.db),
    selectPlaceholders(ctx.db),
  ]);
  if (!file || file.expires_at <= ctx.now()) {
    throw new AppError("not_found", "File ID expired or not found (previews expire after 1 hour)");
  }
  const content = readFile(file);
  const { resolved, ignored_fields, created_fields, problems } = resolveMapping(mapping, content.headers, knownFields(fields));
  if (problems.length > 0) {
    throw new AppError(
      "invalid_request",
      `Invalid mappings: ${problems.map((problem) => problem.message).join("; ")}`.slice(0, 2000),
      problems,
    );
  }

  const unit_placeholders = unitPatterns(placeholders);
  const stored: StoredMapping = {
    ...mapping,
    resolved,
    region: file.default_region ?? ctx.unit.default_region,
    ignored_fields,
    mends: trailColumns(content),
    repeated: await findRepeatedPlaceholders(ctx.files, content, resolved, mapping.placeholders ?? unit_placeholders),
    ...(unit_placeholders ? { unit_placeholders } : {}),
  };
  return { file, content, mapping: stored, identity: identityOf(fileId, mapping), created_fields };
}

type WantedJob = Pick<JobRow, "file_id" | "file_name" | "kind" | "mapping" | "total_rows" | "chunk_count"> & {
  /** while a job with the same identity is running, no second one is created */
  identity: string;
  /** profile fields to define with the job */
  created_fields?: readonly string[];
  /** committed with the job */
  more?: (jobId: string) => readonly Statement<never>[];
};

/** Creates a job that holds its file and nudges the queue; returns the same job if it still runs. One round trip. */
export async function queueJob(ctx: Ctx, { identity, created_fields = [], more = () => [], ...wanted }: WantedJob): Promise<JobSummary> {
  const now = ctx.now();
  const by = { created_by: actorId(ctx.actor), client: ctx.source.client ?? null };
  const created = { ...wanted, ...by, mapping_hash: identity, job_id: newId("job", now), created_at: now };
  const {
    running: [job],
  } = await queryGroups(ctx.db, {
    writes: [insertJob(ctx.db, created), holdFile(ctx.db, wanted.file_id, created.job_id), ...more(created.job_id)],
    fields: created_fields.map((name) => insertProfileField(ctx.db, { key: name.toLowerCase(), name, created_at: now })),
    running: [selectRunningJob(ctx.db, identity)],
  });
  if (!job) throw new Error("a started job is not running");
  await ctx.outbox.importJob({ unit: ctx.unit.unit, job_id: job.job_id });
  return job;
}

/** The same for the same file and mapping. */
export const identityOf = (fileId: string, mapping: ImportMapping): string => hashOf([fileId, canonical(mapping)]);

export const hashOf = (identity: unknown): string => sha256Hex(JSON.stringify(identity));

/** The same mapping whatever the order of its keys. */
function canonical({ primary_identifier, field_mappings, alias_mappings, identifiers, ...options }: ImportMapping): unknown {
  return [
    [primary_identifier, ...identifiers].map(({ column, kind }) => [column, kind]),
    sorted(field_mappings),
    sorted(alias_mappings),
    sorted(options),
  ];
}

const sorted = (entries: object) => Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1));
