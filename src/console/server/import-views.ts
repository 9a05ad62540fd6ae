/** Imports as the console's calls and streams return them. */
import { type ImportJob, openFailures, type Preview } from "../../core/imports";

export const jobView = (job: ImportJob) => ({
  job_id: job.job_id,
  file_id: job.file_id,
  file_name: job.file_name,
  status: job.status,
  created_at: job.created_at,
  started_at: job.started_at,
  completed_at: job.completed_at,
  total_rows: job.total_rows,
  created: job.created,
  changed: job.changed,
  unchanged: job.unchanged,
  failed: job.failed,
  warned: job.warned,
  open_failures: openFailures(job),
  /** whether the failed rows can still be read */
  failures_kept: job.failed > 0 && job.format !== null,
});

export const previewView = ({ table, columns, suggested_mapping, ...kept }: Preview) => ({
  file_id: kept.file_id,
  file_name: kept.file_name,
  expires_at: kept.expires_at,
  format: kept.format,
  sheets: kept.sheets,
  headers: table.headers,
  row_count: table.row_count,
  delimiter: table.delimiter,
  encoding: table.encoding,
  encoding_confidence: table.encoding_confidence,
  encoding_alternatives: table.encoding_alternatives,
  header_row: table.header_row,
  warnings: table.warnings,
  columns,
  suggested_mapping,
});
