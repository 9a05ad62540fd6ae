/** SQL of aliases and of the conflicts about them. The table's key is what keeps an alias with one lead: no code checks it. */

import type { Statement, UnitDb } from "../../../context";
import { jsonArrays } from "../../../db/batch";
import { guardSql } from "../../../db/commit";
import type { AliasKind } from "../../../vocabulary";
import { type Alias, aliasKey } from "./alias";
import type { AliasOwners } from "./claim";
import type { RefusedAlias } from "./place";
import { isAbout, isWithheld, withheldStatements } from "./withheld";

/** `moved_from`: the lead that had it before a merge; only where `ownerStatements` reads it. */
export type AliasOwner = {
  kind: AliasKind;
  value: string;
  lead_id: string;
  moved_from?: string | null;
  digest?: string | null;
  salt?: string | null;
};

/** Which leads own these aliases: few, of any kinds. For many see `ownerStatements`. */
export const selectOwners = (db: UnitDb, aliases: readonly Alias[]): Statement<AliasOwner>[] => [
  db.sql(
    `SELECT a.kind, a.value, a.lead_id FROM json_each(?2) r
     CROSS JOIN aliases a ON a.unit = ?1 AND a.kind = r.value->>0 AND a.value = r.value->>1`,
    `[${aliases.map(pairOf).join(",")}]`,
  ),
  ...withheldStatements(db, aliases),
];

/** An alias that is withheld has the reserved owner BLOCKED or SUPPRESSED, whoever has it. */
export function readOwners(rows: readonly AliasOwner[]): AliasOwners {
  const owners = new Map<string, string>();
  for (const row of rows) {
    const { kind, value, lead_id, digest, salt } = row;
    if (digest && salt && !isAbout({ kind, value, lead_id, digest, salt })) continue;
    if (!isWithheld(owners.get(aliasKey(row)))) owners.set(aliasKey(row), lead_id);
  }
  return owners;
}

export const sameOwners = (a: AliasOwners, b: AliasOwners): boolean =>
  a.size === b.size && [...a].every(([key, lead]) => b.get(key) === lead);

/** The batch rolls back (CommitConflict on `aliases`) when one of them has an owner. */
export const insertAliases = (db: UnitDb, leadId: string, aliases: readonly Alias[]): Statement<never>[] =>
  jsonArrays(aliases.map(pairOf)).map((json) =>
    db.sql("INSERT INTO aliases (unit, kind, value, lead_id) SELECT ?1, value->>0, value->>1, ?3 FROM json_each(?2)", json, leadId),
  );

/** Releases an alias and closes the conflicts of the leads that were refused it. */
export const releaseAlias = (db: UnitDb, leadId: string, { kind, value }: Alias): Statement<never>[] => [
  db.sql("DELETE FROM aliases WHERE unit = ?1 AND kind = ?2 AND value = ?3 AND lead_id = ?4", kind, value, leadId),
  db.sql("DELETE FROM alias_conflicts WHERE unit = ?1 AND kind = ?2 AND value = ?3 AND owner_lead_id = ?4", kind, value, leadId),
];

/** Opens a conflict. Rolls back (`commit_guards`) when the owner no longer has the alias. */
export const recordConflict = (
  db: UnitDb,
  conflict: RefusedAlias & { lead_id: string; source: string; created_at: number },
): Statement<never>[] => [
  db.sql(
    guardSql("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM aliases WHERE unit = ?1 AND kind = ?2 AND value = ?3 AND lead_id = ?4)"),
    conflict.kind,
    conflict.value,
    conflict.owner,
  ),
  db.sql(
    `INSERT INTO alias_conflicts (unit, kind, value, lead_id, owner_lead_id, source, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT (unit, kind, value, lead_id) DO UPDATE SET owner_lead_id = excluded.owner_lead_id, kept_apart_at = NULL
     WHERE owner_lead_id IS NOT excluded.owner_lead_id`,
    conflict.kind,
    conflict.value,
    conflict.lead_id,
    conflict.owner,
    conflict.source,
    conflict.created_at,
  ),
];

/** Closes a conflict: the lead no longer shows the alias, or now owns it. */
export const closeConflict = (db: UnitDb, leadId: string, { kind, value }: Alias): Statement<never> =>
  db.sql("DELETE FROM alias_conflicts WHERE unit = ?1 AND kind = ?2 AND value = ?3 AND lead_id = ?4", kind, value, leadId);

/** What leads were given and other leads have, at most 1,000 of them. */
export const selectRefused = (db: UnitDb, leadIds: readonly string[]): Statement<RefusedAlias & { lead_id: string }> =>
  db.sql(
    `SELECT c.lead_id, c.kind, c.value, c.owner_lead_id AS owner FROM json_each(?2) r
     CROSS JOIN alias_conflicts c INDEXED BY alias_conflicts_by_lead ON c.unit = ?1 AND c.lead_id = r.value LIMIT 1000`,
    JSON.stringify(leadIds),
  );

const pairOf = ({ kind, value }: Alias): string => JSON.stringify([kind, value]);
