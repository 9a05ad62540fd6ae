/** Rows that a cron job removes once they are old, wherever no verb does it. The operations guide lists these periods for its readers. */
import { DAY_MS } from "../../time";

export type OldRows = {
  /** the primary key, whose order the walk follows */
  key: readonly string[];
  keptDays: number;
  /** SQL on a row; `:before` is the moment before which a row is old, in ms */
  isOld: string;
};

/** Of a definition that is deleted: its firings and contributions stay, and name it until then. */
const DEFINITION = { keptDays: 400, isOld: "deleted_at < :before" };

export const OLD_ROWS: Readonly<Record<string, OldRows>> = {
  // those that somebody decided to keep apart would be opened again
  alias_conflicts: {
    key: ["unit", "kind", "value", "lead_id"],
    keptDays: 400,
    isOld: "iif(kept_apart_at IS NULL, created_at < :before, 0)",
  },
  bulk_jobs: { key: ["unit", "job_id"], keptDays: 180, isOld: "completed_at < :before" },
  bulk_plans: { key: ["unit", "plan_id"], keptDays: 7, isOld: "expires_at < :before" },
  // whatever a revoked credential created is revoked, too; ended OAuth grants stay a day only, since many are never used
  credentials: {
    key: ["credential_id"],
    keptDays: 400,
    isOld: `iif(kind = 'oauth_grant', coalesce(revoked_at, expires_at) - ${399 * DAY_MS}, revoked_at) < :before`,
  },
  dead_letters: { key: ["message_id"], keptDays: 90, isOld: "received_at < :before" },
  // a job runs for minutes: its chunks are as old as it is
  import_chunks: { key: ["unit", "job_id", "chunk_no"], keptDays: 180, isOld: "committed_at < :before" },
  import_jobs: { key: ["unit", "job_id"], keptDays: 180, isOld: "completed_at < :before" },
  lead_erasures: { key: ["unit", "receipt_id"], keptDays: 30, isOld: "iif(status = 'erased', run_at < :before, 0)" },
  refused_events: { key: ["unit", "event_id"], keptDays: 90, isOld: "refused_at < :before" },
  rules: { key: ["unit", "rule_id"], ...DEFINITION },
  rulesets: { key: ["unit", "ruleset_id"], ...DEFINITION },
  triggers: { key: ["unit", "trigger_id"], ...DEFINITION },
  undo_chunks: { key: ["unit", "operation_id", "chunk_no", "part"], keptDays: 180, isOld: "committed_at < :before" },
  // read by undos of operations that wrote before it, for 30 days
  undo_kept: { key: ["unit", "lead_id", "operation_id"], keptDays: 180, isOld: "kept_at < :before" },
  undos: { key: ["unit", "operation_id"], keptDays: 180, isOld: "completed_at < :before" },
};

export const keptMs = ({ keptDays }: Pick<OldRows, "keptDays">): number => keptDays * DAY_MS;
