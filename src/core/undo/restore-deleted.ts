/** Undoes a deletion: leads come back with every row that was theirs, but for aliases that somebody else has by now. */
import type { Ctx, Statement } from "../../context";
import { jsonArrays, queryGroups } from "../../db/batch";
import { logChanges } from "../changes";
import {
  type AliasOwners,
  adjustLeadCount,
  aliasKey,
  type Lead,
  ownerStatements,
  readAlias,
  readOwners,
  type StoredAlias,
  SUPPRESSED,
} from "../leads";
import { DELETED_ROWS, DELETED_SQL, restoreRows } from "./deleted-store";
import type { KeptItem } from "./entry";

type Row = Record<string, string | number | null>;
/** The rows of a row of the journal, each with the lead that it belongs to. */
export type DeletedRows = { lead_id: string; table: string; row: Row }[];

const readDeleted = (entries: string): DeletedRows =>
  (JSON.parse(entries) as [string, string, Row][]).map(([lead_id, table, row]) => ({ lead_id, table, row }));

export type Restoration = {
  rows: DeletedRows;
  /** leads that come back, with the aliases that nobody has meanwhile */
  leads: { lead_id: string; status: Lead["status"]; row: Row }[];
  kept: { lead_id: string; items: KeptItem[] }[];
};

const aliasesOf = (row: Row): StoredAlias[] => JSON.parse(String(row.aliases)) as StoredAlias[];

export type DeletedState = { rows: DeletedRows; owners: AliasOwners; present: ReadonlySet<string> };

/** Who has the aliases of the deleted leads by now, erased people included, and which of the leads are back already. One D1 round trip. */
export async function loadDeleted({ db }: Pick<Ctx, "db">, entries: string): Promise<DeletedState> {
  const rows = readDeleted(entries);
  const aliases = rows.flatMap(({ table, row }) => (table === "leads" ? aliasesOf(row).map(readAlias) : []));
  const ids = [...new Set(rows.map(({ lead_id }) => lead_id))];
  // the people were erased
  if (ids.length === 0) return { rows, owners: new Map(), present: new Set() };
  const { owned, present } = await queryGroups(db, {
    owned: ownerStatements(db, aliases),
    present: jsonArrays(ids.map((id) => JSON.stringify(id))).map((json) => db.sql<{ lead_id: string }>(DELETED_SQL.leads, json)),
  });
  return { rows, owners: readOwners(owned), present: new Set(present.map(({ lead_id }) => lead_id)) };
}

/** An erased person's lead never comes back. Pure. */
export function planRestoration({ rows, owners }: DeletedState, written_at: number): Restoration {
  const plan: Restoration = { rows: [], leads: [], kept: [] };
  const erased = new Set<string>();
  for (const { lead_id, table, row } of rows) {
    if (table !== "leads") continue;
    const aliases = aliasesOf(row);
    const ownerOf = (alias: StoredAlias) => owners.get(aliasKey(readAlias(alias)));
    if (aliases.some((alias) => ownerOf(alias) === SUPPRESSED)) {
      erased.add(lead_id);
      continue;
    }
    const taken = aliases.filter((alias) => ownerOf(alias) !== undefined);
    const left = taken.length === 0 ? row : { ...row, aliases: JSON.stringify(aliases.filter((alias) => !taken.includes(alias))) };
    plan.leads.push({ lead_id, status: row.status as Lead["status"], row: left });
    const items = taken.map((alias): KeptItem => [`alias:${alias[0]}:${alias[1]}`, "changed_later", [], [alias], written_at]);
    if (items.length > 0) plan.kept.push({ lead_id, items });
  }
  plan.rows = rows.filter(
    ({ lead_id, table, row }) =>
      table !== "leads" && !erased.has(lead_id) && !(table === "aliases" && owners.has(`${String(row.kind)}:${String(row.value)}`)),
  );
  return plan;
}

/** Only rows of leads that come back, or are back already. The batch rolls back when an alias was taken meanwhile (CommitConflict on `aliases`). */
export function restorationWrites(
  ctx: Ctx,
  { rows, leads }: Restoration,
  { present: known }: DeletedState,
  now: number,
): Statement<never>[] {
  const { db } = ctx;
  const ids = leads.map(({ lead_id }) => lead_id);
  const present = new Set([...known, ...ids]);
  const statuses = Map.groupBy(leads, ({ status }) => status);
  const of = (table: string) =>
    jsonArrays(rows.flatMap((one) => (one.table === table && present.has(one.lead_id) ? [JSON.stringify(one.row)] : [])));
  const restored = (table: string): Statement<never>[] => {
    if (table === "leads") return jsonArrays(leads.map(({ row }) => JSON.stringify(row))).map((json) => restoreRows(db, table, json));
    if (table === "alias_conflicts") return of(table).map((json) => db.sql(DELETED_SQL.reopenConflicts, json));
    return of(table).flatMap((json) => [
      ...(table === "events" ? [db.sql<never>(DELETED_SQL.countEvents, json)] : []),
      restoreRows(db, table, json),
    ]);
  };
  return [
    ...Object.keys(DELETED_ROWS).flatMap(restored),
    ...[...statuses].map(([status, those]) => adjustLeadCount(db, status, those.length)),
    // after the rows: each lead's history continues
    ...logChanges(
      ctx,
      ids.map((lead_id) => ({ lead_id, type: "changed" as const, keys: [] })),
      now,
    ),
    ...jsonArrays(ids.map((id) => JSON.stringify(id))).map((json) => db.sql<never>(DELETED_SQL.newestChange, json)),
  ];
}
