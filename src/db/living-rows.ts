/** How many definitions a unit may have: each of them is stored by hand and looked at by machine. */
import type { Ctx, RowsOf, Statement, UnitDb } from "../context";
import { AppError } from "../errors";
import { type QuotaName, quotaOf, quotaReached } from "../quotas";
import { CommitConflict, quotaSql } from "./commit";

/** What is counted: not what was deleted, and not the channels that triggers and partner channels own. */
const COUNTED = {
  rulesets: "rulesets WHERE unit = ?1 AND deleted_at IS NULL",
  rules: "rules WHERE unit = ?1 AND deleted_at IS NULL",
  triggers: "triggers WHERE unit = ?1 AND deleted_at IS NULL",
  channels: "notification_channels WHERE unit = ?1 AND owner IS NULL",
  levels: "engagement_levels WHERE unit = ?1",
  profile_fields: "profile_fields WHERE unit = ?1",
  profile_rulesets: "profile_rulesets WHERE unit = ?1",
  profile_rules: "profile_rules WHERE unit = ?1",
  profile_mappings: "profile_mappings WHERE unit = ?1",
  velocity_filters: "velocity_filters WHERE unit = ?1",
} as const;
type Counted = keyof typeof COUNTED;

/** Definitions that have no quota of their own have that of their nearest kin. */
const QUOTA_OF: Readonly<Record<Counted, QuotaName>> = {
  rulesets: "rulesets",
  rules: "rules",
  triggers: "triggers",
  channels: "channels",
  levels: "levels",
  profile_fields: "profile_fields",
  profile_rulesets: "rulesets",
  profile_rules: "rules",
  profile_mappings: "profile_fields",
  velocity_filters: "rules",
};

/**
 * Writes rows that count against one or several quotas, in one batch. The quotas are checked at the end of that batch, so concurrent writes
 * cannot exceed them together. Throws conflict over a quota, and CommitConflict for guards among `writes`.
 */
export async function insertIfRoom<const Statements extends readonly Statement[]>(
  { db, unit }: Pick<Ctx, "db" | "unit">,
  counted: Counted | readonly Counted[],
  writes: Statements,
): Promise<RowsOf<Statements>> {
  const all = [counted].flat() as Counted[];
  const checks = all.map((what) => {
    const tooMany = `SELECT 1 FROM (SELECT count(*) AS living FROM ${COUNTED[what]}) WHERE living > ?2`;
    return db.sql<never>(quotaSql("definitions", tooMany), quotaOf(unit, QUOTA_OF[what]));
  });
  try {
    const results = await db.batch([...writes, ...checks]);
    return results.slice(0, writes.length) as RowsOf<Statements>;
  } catch (error) {
    if (error instanceof CommitConflict && error.table === "quota_guards")
      throw noRoom(
        all.map((what) => QUOTA_OF[what]),
        unit,
      );
    throw error;
  }
}

/** The guard does not say which of several quotas it was. */
const noRoom = ([name, ...others]: QuotaName[], unit: Ctx["unit"]): AppError =>
  name && others.length === 0
    ? quotaReached(name, quotaOf(unit, name))
    : new AppError("conflict", `One of the quotas ${[name, ...others].join(", ")} of this org unit is used up`);

const OWN_QUOTA = ["rulesets", "rules", "triggers", "channels", "levels", "profile_fields"] as const;
export type DefinitionCounts = Record<(typeof OWN_QUOTA)[number], number>;

/** What of its definitions a unit has, by the quota of their name. One row. */
export const selectDefinitionCounts = (db: UnitDb): Statement<DefinitionCounts> =>
  db.sql(`SELECT ${OWN_QUOTA.map((name) => `(SELECT count(*) FROM ${COUNTED[name]}) AS ${name}`).join(", ")}`);
