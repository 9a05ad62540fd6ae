/** Limits of imports: those of the import contract, and those that it leaves open. */
export const FILE_BYTES_MAX = 10 * 1024 * 1024;
/** Of an upload in parts. */
export const UPLOAD_BYTES_MAX = 200 * 1024 * 1024;
export const UPLOAD_ROWS_MAX = 2_000_000;
/** R2 takes parts of 5 MiB and more, all of one size but the last. */
export const UPLOAD_PART_BYTES = 8 * 1024 * 1024;
export const UPLOAD_TTL_SECONDS = 24 * 3600;
/** The header as JSON: shown with every preview and every wrong mapping. */
export const HEADER_CHARS_MAX = 100_000;
/** Cloudflare's price of D1: $1.00 for a million rows written. */
export const USD_PER_ROW_WRITTEN = 1e-6;
/** A longer name is cut. */
export const FILE_NAME_CHARS_MAX = 255;
export const PREVIEW_TTL_SECONDS = 3600;
/** A file with failed rows stays this long after its job, for errors.csv. */
export const FAILED_ROWS_KEPT_SECONDS = 7 * 24 * 3600;
/** Errors and conflicts in the response about a job; errors.csv has all errors. */
export const NOTES_SHOWN_MAX = 1000;
/** A run begins no further chunk after this long. */
export const RUN_BUDGET_SECONDS = 20;
/** Without a sign of life for this long a job is nudged again. */
export const STUCK_AFTER_SECONDS = 60;
