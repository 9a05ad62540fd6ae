/** Accounts by the ids that senders of events have for them: those that exist, and those that a batch is to create. */
import type { Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import { guardSql } from "../../db/commit";
import { sha256Hex } from "../../hash";
import type { Profile } from "../leads";
import { linkDomains } from "./link-domains";

/** `traits`: of the account, by key; null removes one. `name` is its name. */
export type StatedGroup = { id: string; domain: string | null; traits: Profile };

const ACCOUNT_METADATA_BYTES_MAX = 64 * 1024;
const NAME_CHARS_MAX = 200;

export const GROUP_SQL = {
  known: `SELECT g.group_id, g.account_id, g.written, a.account_id IS NOT NULL AS lives FROM json_each(?2) r
    CROSS JOIN account_groups g ON g.unit = ?1 AND g.group_id = r.value
    LEFT JOIN accounts a ON a.unit = ?1 AND a.account_id = g.account_id`,
  /** `r` is [group id, account id, name, traits, written, written as read] */
  asRead: guardSql(`SELECT 1 FROM json_each(?2) r LEFT JOIN account_groups g ON g.unit = ?1 AND g.group_id = r.value->>0
    WHERE g.written IS NOT r.value->>5`),
  create: `INSERT INTO accounts (unit, account_id, name, created_at, updated_at)
    SELECT ?1, r.value->>0, r.value->>1, ?3, ?3 FROM json_each(?2) r WHERE true ON CONFLICT (unit, account_id) DO NOTHING`,
  exist: guardSql(
    "SELECT 1 FROM json_each(?2) r WHERE NOT EXISTS (SELECT 1 FROM accounts a WHERE a.unit = ?1 AND a.account_id = r.value->>1)",
  ),
  change: `INSERT INTO accounts (unit, account_id, name, domain, metadata, created_at, updated_at)
    SELECT a.unit, a.account_id, coalesce(r.value->>2, a.name), a.domain,
      iif(length(CAST(json_patch(a.metadata, r.value->3) AS BLOB)) > ${ACCOUNT_METADATA_BYTES_MAX}, a.metadata, json_patch(a.metadata, r.value->3)),
      a.created_at, max(?3, a.updated_at)
    FROM json_each(?2) r CROSS JOIN accounts a ON a.unit = ?1 AND a.account_id = r.value->>1
    WHERE a.name IS NOT coalesce(r.value->>2, a.name) OR a.metadata <> json_patch(a.metadata, r.value->3)
    ON CONFLICT (unit, account_id) DO UPDATE SET name = excluded.name, metadata = excluded.metadata, updated_at = excluded.updated_at`,
  keep: `INSERT INTO account_groups (unit, group_id, account_id, written)
    SELECT ?1, r.value->>0, r.value->>1, r.value->>4 FROM json_each(?2) r WHERE true
    ON CONFLICT (unit, group_id) DO UPDATE SET account_id = excluded.account_id, written = excluded.written`,
} as const;

type Known = { group_id: string; account_id: string; written: string; lives: 0 | 1 };

/** `writes`: for the batch that links leads to the accounts; it rolls back (CommitConflict) when somebody else has changed them meanwhile. */
export type LinkedGroups = { idOf: ReadonlyMap<string, string>; writes: (now: number) => Statement<never>[] };

/**
 * `stated`: in the order of their times. Each trait keeps the value with the newest time. None: no round trip; else one, and one more where
 * a new group has a domain.
 */
export async function linkGroups(db: UnitDb, stated: readonly { group: StatedGroup; at: number }[]): Promise<LinkedGroups> {
  if (stated.length === 0) return { idOf: new Map(), writes: () => [] };
  const groups = Map.groupBy(stated, ({ group }) => group.id);
  const selected = jsonArrays([...groups.keys()].map((id) => JSON.stringify(id)));
  const rows = (await db.batch(selected.map((json) => db.sql<Known>(GROUP_SQL.known, json)))).flat();
  const known = new Map(rows.map((row) => [row.group_id, row]));
  const unlinked = [...groups].filter(([id]) => known.get(id)?.lives !== 1);
  const byDomain = new Map(unlinked.flatMap(([id, calls]) => calls.flatMap(({ group }) => (group.domain ? [[id, group.domain]] : []))));
  const domains =
    byDomain.size === 0
      ? null
      : await linkDomains(
          db,
          [...byDomain].map(([id, domain]) => ({ domain, name: nameOf(groups.get(id)) })),
        );
  const idOf = new Map(
    [...groups.keys()].map((id) => {
      const row = known.get(id);
      return [id, row?.lives === 1 ? row.account_id : (domains?.idOf.get(byDomain.get(id) ?? "") ?? newAccountId(db.unit, id))];
    }),
  );
  const items = jsonArrays([...groups].flatMap(([id, calls]) => changeOf(id, idOf.get(id) ?? "", calls, known.get(id))));
  const created = jsonArrays(
    unlinked
      .filter(([id]) => !byDomain.has(id))
      .map(([id, calls]) => JSON.stringify([idOf.get(id), nameOf(calls) ?? id.slice(0, NAME_CHARS_MAX)])),
  );
  const writes = (now: number) => [
    ...items.map((json) => db.sql<never>(GROUP_SQL.asRead, json)),
    ...(domains?.writes(now) ?? []),
    ...created.map((json) => db.sql<never>(GROUP_SQL.create, json, now)),
    ...items.flatMap((json) => [
      db.sql<never>(GROUP_SQL.exist, json),
      db.sql<never>(GROUP_SQL.change, json, now),
      db.sql<never>(GROUP_SQL.keep, json),
    ]),
  ];
  return { idOf, writes };
}

type Stated = readonly { group: StatedGroup; at: number }[];

/** An item of the statements: what is newer than what is known. */
function changeOf(id: string, accountId: string, calls: Stated, row: Known | undefined): string[] {
  const written = new Map<string, number>(Object.entries(row ? JSON.parse(row.written) : {}));
  const traits = new Map<string, unknown>();
  for (const { group, at } of calls) {
    for (const [key, value] of Object.entries(group.traits)) {
      if ((written.get(key) ?? at) > at) continue;
      written.set(key, at);
      traits.set(key, value);
    }
  }
  const name = textOf(traits.get("name"));
  traits.delete("name");
  const now = JSON.stringify(Object.fromEntries(written));
  if (row?.lives === 1 && now === row.written) return [];
  return [JSON.stringify([id, accountId, name, Object.fromEntries(traits), now, row?.written ?? null])];
}

const nameOf = (calls: Stated = []): string | null =>
  calls.map(({ group }) => textOf(group.traits.name)).findLast((name) => name !== null) ?? null;

const textOf = (value: unknown): string | null =>
  typeof value === "string" && value.trim() !== "" ? value.trim().slice(0, NAME_CHARS_MAX).toWellFormed() : null;

const newAccountId = (unit: number, groupId: string): string => `acct_${sha256Hex(JSON.stringify([unit, "group", groupId])).slice(0, 32)}`;
