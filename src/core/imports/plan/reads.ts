/** What a plan has read for a chunk, and for which of its rows that has changed since. */
import type { Ctx, UnitDb } from "../../../context";
import { jsonObjects, queryGroups } from "../../../db/batch";
import { ALIAS_KINDS, type AliasKind } from "../../../vocabulary";
import { type AliasOwners, aliasKey } from "../../leads";
import type { RowInput } from "../import-row";
import type { ReadLeads } from "../lead-chunks";

/** `owners`: the rows' aliases by kind and value, '' for one without an owner. `versions`: those of the stored leads that rows identify. */
export type ChunkReads = { owners: Partial<Record<AliasKind, Record<string, string>>>; versions: Record<string, number> };

/** `ChunkReads` as JSON. Written by hand: an object of thousands of keys costs several times its text. */
export function readsJson(inputs: readonly RowInput[], stored: AliasOwners, versions: ReadonlyMap<string, number>): string {
  const owners = new Map<AliasKind, string[]>();
  for (const { primary, aliases } of inputs) {
    for (const alias of [primary, ...aliases]) {
      const members = owners.get(alias.kind) ?? [];
      members.push(`${JSON.stringify(alias.value)}:${JSON.stringify(stored.get(aliasKey(alias)) ?? "")}`);
      owners.set(alias.kind, members);
    }
  }
  const kinds = Array.from(owners, ([kind, members]) => `"${kind}":{${members.join(",")}}`);
  return `{"owners":{${kinds.join(",")}},"versions":${JSON.stringify(Object.fromEntries(versions))}}`;
}

export const READS_SQL = {
  movedOwners: `SELECT ?3 AS kind, r.key AS value FROM json_each(?2) r LEFT JOIN aliases a ON a.unit = ?1 AND a.kind = ?3 AND a.value = r.key
    WHERE coalesce(a.lead_id, '') <> r.value`,
  movedLeads: `SELECT r.key AS lead_id FROM json_each(?2) r LEFT JOIN leads l ON l.unit = ?1 AND l.lead_id = r.key
    WHERE l.version IS NOT r.value`,
} as const;

export type MovedReads = { aliases: ReadonlySet<string>; leads: ReadonlySet<string> };

/** One round trip, which returns only what has moved. */
async function findMoved(db: UnitDb, { owners, versions }: ChunkReads): Promise<MovedReads> {
  const members = (entries: Record<string, string | number>) =>
    jsonObjects(Object.entries(entries).map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`));
  const groups = {
    aliases: ALIAS_KINDS.flatMap((kind) =>
      members(owners[kind] ?? {}).map((json) => db.sql<{ kind: AliasKind; value: string }>(READS_SQL.movedOwners, json, kind)),
    ),
    leads: members(versions).map((json) => db.sql<{ lead_id: string }>(READS_SQL.movedLeads, json)),
  };
  if (groups.aliases.length + groups.leads.length === 0) return { aliases: new Set(), leads: new Set() };
  const found = await queryGroups(db, groups);
  return { aliases: new Set(found.aliases.map(aliasKey)), leads: new Set(found.leads.map(({ lead_id }) => lead_id)) };
}

/** Rows that read something that has moved. `readChunk` reads the chunk from the file, where aliases have moved. */
export async function countMovedRows(
  ctx: Ctx,
  chunk: { reads: ChunkReads; rows: readonly { row: number; lead_id: string | null }[] },
  readChunk: () => Promise<ReadLeads>,
): Promise<number> {
  const moved = await findMoved(ctx.db, chunk.reads);
  if (moved.aliases.size + moved.leads.size === 0) return 0;
  const rows = new Set(chunk.rows.filter(({ lead_id }) => lead_id !== null && moved.leads.has(lead_id)).map(({ row }) => row));
  if (moved.aliases.size > 0) {
    const { inputs } = await readChunk();
    for (const { row, primary, aliases } of inputs) {
      if ([primary, ...aliases].some((alias) => moved.aliases.has(aliasKey(alias)))) rows.add(row);
    }
  }
  return rows.size;
}
