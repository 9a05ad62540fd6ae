/** SQL of import plans. */
import type { Statement, UnitDb } from "../../../context";
import { guardSql } from "../../../db/commit";
import type { PlanStatus } from "../../../vocabulary";

export type PlanRow = {
  plan_id: string;
  file_id: string;
  status: PlanStatus;
  /** JSON: StoredMapping */
  mapping: string;
  /** JSON: string[] */
  created_fields: string;
  identity: string;
  seed: string;
  planned_chunks: number;
  /** JSON: PlanProgress */
  progress: string;
  problem: string | null;
  signature: string | null;
  created_at: number;
  expires_at: number;
  tries: number;
  job_id: string | null;
};

/** Runs that may fail or die without any progress in between. */
export const PLAN_TRIES_MAX = 5;

export const insertPlan = (
  db: UnitDb,
  plan: Omit<PlanRow, "status" | "planned_chunks" | "problem" | "signature" | "tries" | "job_id">,
): Statement<never> =>
  db.sql(
    `INSERT INTO import_plans (unit, plan_id, file_id, status, mapping, created_fields, identity, seed, planned_chunks, progress, created_at, expires_at)
     VALUES (?1, ?2, ?3, 'in_progress', ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10)`,
    plan.plan_id,
    plan.file_id,
    plan.mapping,
    plan.created_fields,
    plan.identity,
    plan.seed,
    plan.progress,
    plan.created_at,
    plan.expires_at,
  );

/** A plan's file can be started as long as the plan. */
export const keepFileUntil = (db: UnitDb, fileId: string, until: number): Statement<never> =>
  db.sql(
    "UPDATE import_files SET expires_at = max(expires_at, ?3), keep_until = max(keep_until, ?3) WHERE unit = ?1 AND file_id = ?2",
    fileId,
    until,
  );

/** No row for a plan that has expired. */
export const selectPlan = (db: UnitDb, planId: string, now: number): Statement<PlanRow> =>
  db.sql("SELECT * FROM import_plans WHERE unit = ?1 AND plan_id = ?2 AND expires_at > ?3", planId, now);

/** Claims a plan for a run, and counts a run before it that died. No row when the plan has ended. */
export const claimPlan = (db: UnitDb, planId: string, now: number): Statement<PlanRow> =>
  db.sql(
    `UPDATE import_plans SET tries = tries + (coalesce(run_at, 0) > 0), run_at = ?3
     WHERE unit = ?1 AND plan_id = ?2 AND status = 'in_progress' RETURNING *`,
    planId,
    now,
  );

/** Saves what a run has planned since it found `from` chunks. No row when another run was first. */
export const savePlan = (
  db: UnitDb,
  planId: string,
  from: number,
  to: { status: PlanStatus; planned_chunks: number; progress: string; problem: string | null; signature: string | null },
): Statement<{ 1: number }> =>
  db.sql(
    `UPDATE import_plans SET status = ?4, planned_chunks = ?5, progress = ?6, problem = ?7, signature = ?8, run_at = -run_at, tries = 0
     WHERE unit = ?1 AND plan_id = ?2 AND planned_chunks = ?3 AND status = 'in_progress' RETURNING 1`,
    planId,
    from,
    to.status,
    to.planned_chunks,
    to.progress,
    to.problem,
    to.signature,
  );

/** Ends a run that failed. `counts`: whether the failure counts as a try. */
export const endFailedPlanRun = (db: UnitDb, planId: string, counts: boolean): Statement<never> =>
  db.sql("UPDATE import_plans SET run_at = -run_at, tries = tries + ?3 WHERE unit = ?1 AND plan_id = ?2", planId, counts ? 1 : 0);

/** Notes the job that carries a plan out. Rolls its batch back (`commit_guards`) when the plan has one, or is gone. */
export const bindPlan = (db: UnitDb, planId: string, jobId: string): Statement<never>[] => [
  db.sql(guardSql("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM import_plans WHERE unit = ?1 AND plan_id = ?2 AND job_id IS NULL)"), planId),
  db.sql("UPDATE import_plans SET job_id = ?3 WHERE unit = ?1 AND plan_id = ?2", planId, jobId),
];

/** A plan that no job carries out fails. */
export const failOpenPlan = (db: UnitDb, planId: string, problem: string): Statement<never> =>
  db.sql(
    `UPDATE import_plans SET status = 'failed', problem = ?3, signature = NULL
     WHERE unit = ?1 AND plan_id = ?2 AND job_id IS NULL AND status <> 'failed'`,
    planId,
    problem,
  );
