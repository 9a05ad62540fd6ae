/** Copies again what has changed since it was copied. */
import type { SqlRow } from "../../context";
import { type Key, keyOf } from "../../db/table-slices";
import { type MoveRun, type Progress, SLICE_BYTES, SLICES_PER_TURN } from "./move";
import { replaceKeys, selectKeys, selectSizes } from "./rows";
import { writeAs, writing } from "./sides";

const CHANGES_PER_COMMIT = 500;
/** Each takes five statements. */
const TABLES_PER_COMMIT = 10;
/** With fewer left, the next step begins; it also copies what is written meanwhile. */
const FEW_CHANGES = 100;

type Change = { seq: number; name: string; key: string };
/** The changed keys of one table. */
type Changed = { table: string; keys: Key[] };

export async function catchUp(run: MoveRun): Promise<Progress> {
  for (let commits = 0; commits < SLICES_PER_TURN; commits++) {
    if ((await applyChanges(run)).left < FEW_CHANGES) return { step: "verify", position: null };
  }
  return {};
}

/**
 * Applies the oldest changes. A row is copied as it is now, which may be newer than the change: a later change is recorded separately.
 * `left`: how many changes there were, including the applied ones, counted up to a limit; 0: none. `differing`: with `checks`, how many
 * rows differ between both databases afterwards; for a unit that nobody writes to.
 */
export async function applyChanges(run: MoveRun, { checks = false } = {}): Promise<{ left: number; differing: number }> {
  const { move, from } = run;
  const found = await from.all<Change>(
    `SELECT seq, name, key FROM move_changes WHERE move_id = ?1 ORDER BY seq LIMIT ${CHANGES_PER_COMMIT}`,
    move.move_id,
  );
  if (found.length === 0) return { left: 0, differing: 0 };
  const changes = await asManyAsFit(run, found);
  const tables = byTable(changes);
  const rows = await from.batch(tables.map(({ table, keys }) => selectKeys(table, keys)));
  const writes = tables.flatMap(({ table, keys }, at) => writing(run, "to", table, replaceKeys(table, move.unit, keys, rows[at] ?? [])));
  await writeAs(run, "to", "arriving", writes);
  await forget(run, changes.at(-1)?.seq ?? 0);
  return { left: found.length, differing: checks ? await countDiffering(run, tables, rows) : 0 };
}

function byTable(changes: readonly Change[]): Changed[] {
  return [...Map.groupBy(changes, ({ name }) => name)].map(([table, its]) => ({
    table,
    keys: [...new Set(its.map(({ key }) => key))].map((key) => JSON.parse(key) as Key),
  }));
}

/** The first changes, one at least, of few tables, whose rows fit into memory. */
async function asManyAsFit({ from }: MoveRun, found: readonly Change[]): Promise<readonly Change[]> {
  const first = new Set([...new Set(found.map(({ name }) => name))].slice(0, TABLES_PER_COMMIT));
  const other = found.findIndex(({ name }) => !first.has(name));
  const changes = other < 0 ? found : found.slice(0, other);
  const tables = byTable(changes);
  const sizes = await from.batch(tables.map(({ table, keys }) => selectSizes(table, keys)));
  const bytesOf = new Map(
    tables.flatMap(({ table, keys }, index) =>
      (sizes[index] ?? []).map(({ bytes }, at) => [`${table} ${JSON.stringify(keys[at])}`, Number(bytes)] as const),
    ),
  );
  let bytes = 0;
  const end = changes.findIndex(({ name, key }) => {
    bytes += bytesOf.get(`${name} ${JSON.stringify(JSON.parse(key))}`) ?? 0;
    return bytes > SLICE_BYTES;
  });
  return end < 0 ? changes : changes.slice(0, Math.max(end, 1));
}

/** `seq` grows, so changes that are recorded from here on stay. */
async function forget({ move, from }: MoveRun, last: number): Promise<void> {
  await from.run(
    `DELETE FROM move_changes WHERE move_id = ?1 AND seq <= ?2
       AND EXISTS (SELECT 1 FROM move_sides WHERE move_id = ?1 AND side = 'from' AND turn = ?3)`,
    move.move_id,
    last,
    move.turn,
  );
}

async function countDiffering({ to }: MoveRun, tables: readonly Changed[], expected: readonly SqlRow[][]): Promise<number> {
  const copied = await to.batch(tables.map(({ table, keys }) => selectKeys(table, keys)));
  return tables.reduce((sum, { table }, at) => sum + differingKeys(table, expected[at] ?? [], copied[at] ?? []).length, 0);
}

/** The keys of rows that are only in one of them, or not the same. */
export function differingKeys(table: string, expected: readonly SqlRow[], copied: readonly SqlRow[]): string[] {
  const texts = (rows: readonly SqlRow[]) => new Map(rows.map((row) => [JSON.stringify(keyOf(table, row)), JSON.stringify(row)]));
  const [left, right] = [texts(expected), texts(copied)];
  return [...new Set([...left.keys(), ...right.keys()])].filter((key) => left.get(key) !== right.get(key));
}
