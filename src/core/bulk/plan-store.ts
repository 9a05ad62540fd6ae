/** SQL of planned changes of many leads. */
import type { Statement, UnitDb } from "../../context";
import { guardSql } from "../../db/commit";

export type BulkPlanRow = {
  plan_id: string;
  target: string;
  change: string;
  fingerprint: string;
  matched: number;
  created_at: number;
  expires_at: number;
  job_id: string | null;
};

export const insertPlan = (db: UnitDb, plan: Omit<BulkPlanRow, "job_id">): Statement<never> =>
  db.sql(
    `INSERT INTO bulk_plans (unit, plan_id, target, change, fingerprint, matched, created_at, expires_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
    plan.plan_id,
    plan.target,
    plan.change,
    plan.fingerprint,
    plan.matched,
    plan.created_at,
    plan.expires_at,
  );

/** No row for a plan that has expired. */
export const selectPlan = (db: UnitDb, planId: string, now: number): Statement<BulkPlanRow> =>
  db.sql("SELECT * FROM bulk_plans WHERE unit = ?1 AND plan_id = ?2 AND expires_at > ?3", planId, now);

/** Notes the job that carries a plan out. Rolls its batch back (`commit_guards`) when the plan has one, or is gone. */
export const bindPlan = (db: UnitDb, planId: string, jobId: string): Statement<never>[] => [
  db.sql(guardSql("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM bulk_plans WHERE unit = ?1 AND plan_id = ?2 AND job_id IS NULL)"), planId),
  db.sql("UPDATE bulk_plans SET job_id = ?3 WHERE unit = ?1 AND plan_id = ?2", planId, jobId),
];
