/**
 * Aliases that no lead may have: values that the unit blocks, and those of erased people, kept as salted digests only. Whoever loads
 * the owners of aliases loads these with them, as the reserved owners below: so there is one place that decides.
 */
import type { Statement, UnitDb } from "../../../context";
import { jsonArrays } from "../../../db/batch";
import { guardSql } from "../../../db/commit";
import { hash32, sha256Hex } from "../../../hash";
import { randomHex } from "../../../ids";
import type { AliasKind, WithholdingReason } from "../../../vocabulary";
import type { Alias } from "./alias";

export const BLOCKED = "blocked";
export const SUPPRESSED = "suppressed";
export type Withheld = typeof BLOCKED | typeof SUPPRESSED;

/** Whether an owner is a reserved one and no lead. */
export const isWithheld = (owner: string | null | undefined): owner is Withheld => owner === BLOCKED || owner === SUPPRESSED;

/** What software writes when it has no value: such an alias would make one lead of many people. */
const DEFAULTS: Partial<Record<AliasKind, readonly string[]>> = {
  email: ["noemail@noemail.com", "none@none.com", "null@null.com", "na@na.com", "unknown@unknown.com", "undefined@undefined.com"],
  phone: ["0000000000", "+0000000000", "+10000000000", "1111111111", "+11111111111"],
  external_id: ["null", "undefined", "none", "n/a", "unknown", "anonymous"],
  cookie: ["null", "undefined", "none", "n/a", "unknown", "anonymous"],
};

export const DEFAULT_BLOCKED: readonly Alias[] = Object.entries(DEFAULTS).flatMap(([kind, values]) =>
  values.map((value) => ({ kind: kind as AliasKind, value })),
);

export const isBlockedByDefault = ({ kind, value }: Alias): boolean => DEFAULTS[kind]?.includes(value) === true;

const bucketOf = ({ kind, value }: Alias): number => hash32(`${kind}:${value}`);
const digestOf = (salt: string, { kind, value }: Alias): string => sha256Hex(`${salt}:${kind}:${value}`);

/** As an owner is read: `lead_id` is the reason. The bucket alone proves nothing. */
export type WithheldRow = Alias & { lead_id: string; digest: string; salt: string };

export const isAbout = ({ digest, salt, ...alias }: WithheldRow): boolean => digestOf(salt, alias) === digest;

const items = (aliases: readonly Alias[]): string[] =>
  jsonArrays(aliases.map((alias) => `[${bucketOf(alias)},"${alias.kind}",${JSON.stringify(alias.value)}]`));

const FOUND = `FROM json_each(?2) r CROSS JOIN withheld_aliases w ON w.unit = ?1 AND w.bucket = r.value->>0`;

export const WITHHELD_SQL = {
  // a unit that withholds nothing pays for one look
  found: `SELECT r.value->>1 AS kind, r.value->>2 AS value, w.reason AS lead_id, w.digest, w.salt ${FOUND}
    WHERE EXISTS (SELECT 1 FROM withheld_aliases x WHERE x.unit = ?1) AND w.reason <> 'allowed'`,
  byDefault: `SELECT r.value->>1 AS kind, r.value->>2 AS value, 'blocked' AS lead_id FROM json_each(?2) r
    WHERE NOT EXISTS (SELECT 1 FROM withheld_aliases w WHERE w.unit = ?1 AND w.bucket = r.value->>0 AND w.reason = 'allowed'
      AND w.kind = r.value->>1 AND w.value = r.value->>2)`,
  noneFound: guardSql(`SELECT 1 ${FOUND} WHERE w.reason <> 'allowed'`),
} as const;

/** Statements that return which of these aliases are withheld, for `readOwners`. */
export function withheldStatements(db: UnitDb, aliases: readonly Alias[]): Statement<Alias & { lead_id: string }>[] {
  const byDefault = aliases.filter(isBlockedByDefault);
  return [
    ...items(aliases).map((json) => db.sql<WithheldRow>(WITHHELD_SQL.found, json)),
    ...items(byDefault).map((json) => db.sql<Alias & { lead_id: string }>(WITHHELD_SQL.byDefault, json)),
  ];
}

/** Rolls its batch back if one of these aliases may be withheld: then their owners have to be loaded. */
export const noneWithheld = (db: UnitDb, aliases: readonly Alias[]): Statement<never>[] =>
  items(aliases).map((json) => db.sql<never>(WITHHELD_SQL.noneFound, json));

/** Withholds aliases. Of suppressed ones the row does not say which they are. */
export function withhold(db: UnitDb, aliases: readonly Alias[], reason: WithholdingReason, now: number): Statement<never>[] {
  const rows = aliases.map((alias) => {
    const salt = randomHex(16);
    const shown = reason === SUPPRESSED ? [null, null] : [alias.kind, alias.value];
    return JSON.stringify([bucketOf(alias), digestOf(salt, alias), salt, ...shown]);
  });
  return jsonArrays(rows).map((json) =>
    db.sql(
      `INSERT INTO withheld_aliases (unit, bucket, digest, salt, reason, kind, value, created_at)
       SELECT ?1, value->>0, value->>1, value->>2, ?3, value->>3, value->>4, ?4 FROM json_each(?2)`,
      json,
      reason,
      now,
    ),
  );
}

/** Removes the unit's own setting for a value. */
export const unwithhold = (db: UnitDb, alias: Alias): Statement<{ found: 1 }> =>
  db.sql(
    "DELETE FROM withheld_aliases WHERE unit = ?1 AND bucket = ?2 AND kind = ?3 AND value = ?4 RETURNING 1 AS found",
    bucketOf(alias),
    alias.kind,
    alias.value,
  );
