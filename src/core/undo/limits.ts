/** An operation can be undone this long after it wrote; then its journal is removed. */
export const UNDO_DAYS = 30;
/** Of what an undo kept, shown with the job; the rest is paged. */
export const KEPT_SHOWN_MAX = 1_000;
/** A row of the journal is one value: D1 takes 2 MB. */
export const JOURNAL_ROW_BYTES_MAX = 1_500_000;
/** Runs in a row that failed at the same row of the journal; the last of them fails the undo. */
export const UNDO_TRIES_MAX = 5;
/** Some 15 statements a row of the journal, and D1 accepts 1,000 for each invocation. */
export const ROWS_PER_RUN_MAX = 50;
/** The same for rows of deletions: some 30 statements each. */
export const DELETIONS_PER_RUN_MAX = 25;
/** Without a sign of life for this long an undo is nudged again. */
export const STUCK_AFTER_SECONDS = 60;
