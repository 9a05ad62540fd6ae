/** Moves in the directory. */
import { and, eq, isNull, lte, sql } from "drizzle-orm";
import type { Directory, OrgUnit } from "../../context";
import { unitMoves } from "../../db/schema/moves";
import { orgUnits } from "../../db/schema/organizations";
import { type AuditRow, insertAuditEntry } from "../auth";

export type MoveRow = typeof unitMoves.$inferSelect;

const MOVES_PER_TICK = 20;

/** Undefined when the unit moves already, or has a copy of an earlier move. */
export async function insertMove(directory: Directory, row: typeof unitMoves.$inferInsert, audit: AuditRow): Promise<MoveRow | undefined> {
  const inserted = sql`EXISTS (SELECT 1 FROM unit_moves WHERE move_id = ${row.move_id})`;
  const [moves] = await directory.batch([
    directory.insert(unitMoves).values(row).onConflictDoNothing().returning(),
    directory
      .update(orgUnits)
      .set({ moving: true })
      .where(and(eq(orgUnits.unit, row.unit), inserted)),
    insertAuditEntry(directory, audit, inserted),
  ]);
  return moves[0];
}

export const findMove = (directory: Directory, moveId: string): Promise<MoveRow | undefined> =>
  directory.select().from(unitMoves).where(eq(unitMoves.move_id, moveId)).get();

/** The unit's move whose superfluous copy has not been removed yet. */
export const findActiveMove = (directory: Directory, unit: number): Promise<MoveRow | undefined> =>
  directory
    .select()
    .from(unitMoves)
    .where(and(eq(unitMoves.unit, unit), isNull(unitMoves.removed_at)))
    .get();

export const findActiveMovesOf = (directory: Directory, organizationId: string): Promise<MoveRow[]> =>
  directory
    .select()
    .from(unitMoves)
    .where(and(eq(unitMoves.organization_id, organizationId), isNull(unitMoves.removed_at)));

export async function findDueMoveIds(directory: Directory, now: number): Promise<string[]> {
  const due = await directory
    .select({ move_id: unitMoves.move_id })
    .from(unitMoves)
    .where(and(lte(unitMoves.due_at, now), isNull(unitMoves.closed_at)))
    .orderBy(unitMoves.due_at)
    .limit(MOVES_PER_TICK);
  return due.map(({ move_id }) => move_id);
}

/** The databases of moves whose superfluous copy has not been removed yet. */
export async function findShardsInMoves(directory: Directory): Promise<Set<number>> {
  const { from_shard, to_shard } = unitMoves;
  const moves = await directory.select({ from_shard, to_shard }).from(unitMoves).where(isNull(unitMoves.removed_at));
  return new Set(moves.flatMap((move) => [move.from_shard, move.to_shard]));
}

/** The move, if a run may begin; undefined when it is over, waits, or another run has it. */
export async function takeTurn(directory: Directory, moveId: string, now: number, leaseMs: number): Promise<MoveRow | undefined> {
  const [move] = await directory
    .update(unitMoves)
    .set({ turn: sql`turn + 1`, due_at: now + leaseMs })
    .where(and(eq(unitMoves.move_id, moveId), isNull(unitMoves.closed_at), lte(unitMoves.due_at, now)))
    .returning();
  return move;
}

/**
 * Undefined when another run has taken the turn; with a step also when the move has switched since it was loaded: a switch may succeed
 * although its response is lost.
 */
export async function saveProgress(
  directory: Directory,
  { move_id, turn, switched_at }: MoveRow,
  changes: Partial<typeof unitMoves.$inferInsert>,
): Promise<MoveRow | undefined> {
  const [saved] = await directory
    .update(unitMoves)
    .set(changes)
    .where(
      and(
        eq(unitMoves.move_id, move_id),
        eq(unitMoves.turn, turn),
        changes.step !== undefined && switched_at === null ? isNull(unitMoves.switched_at) : undefined,
      ),
    )
    .returning();
  return saved;
}

/** The next run begins at once: it removes the old copy, or before the switch the new one, and the move has failed. */
export async function hurryMove(directory: Directory, moveId: string, error: string): Promise<void> {
  await directory.run(sql`UPDATE unit_moves SET turn = turn + 1, due_at = 0,
      status = iif(switched_at IS NULL, 'failed', status), error = iif(switched_at IS NULL, ${error}, error),
      position = iif(switched_at IS NULL AND step <> 'undo', NULL, position), step = iif(switched_at IS NULL, 'undo', step)
    WHERE move_id = ${moveId} AND removed_at IS NULL`);
}

export async function unitIsThere(directory: Directory, { unit, from_shard }: MoveRow): Promise<boolean> {
  const found = await directory.all(sql`SELECT 1 AS n FROM org_units WHERE unit = ${unit} AND shard = ${from_shard}`);
  return found.length > 0;
}

/** Points the unit to its new database and completes the move, in one transaction. False when another run has taken the turn. */
export async function switchUnit(directory: Directory, move: MoveRow, now: number, dueAt: number): Promise<boolean> {
  const { move_id, turn, unit, from_shard, to_shard } = move;
  const there = and(eq(orgUnits.unit, unit), eq(orgUnits.shard, from_shard));
  const [switched] = await directory.batch([
    directory
      .update(unitMoves)
      .set({ status: "completed", step: "sweep", position: null, switched_at: now, due_at: dueAt })
      .where(
        and(
          eq(unitMoves.move_id, move_id),
          eq(unitMoves.turn, turn),
          eq(unitMoves.step, "switch"),
          sql`EXISTS (SELECT 1 FROM org_units WHERE unit = ${unit} AND shard = ${from_shard})`,
        ),
      )
      .returning({ move_id: unitMoves.move_id }),
    directory
      .update(orgUnits)
      .set({ shard: to_shard, moving: false })
      .where(and(there, sql`EXISTS (SELECT 1 FROM unit_moves WHERE move_id = ${move_id} AND turn = ${turn} AND switched_at IS NOT NULL)`)),
  ]);
  return switched.length > 0;
}

/** The unit stays in its database, and isolates may remember that again. */
export async function stayUnit(directory: Directory, { unit }: Pick<OrgUnit, "unit">): Promise<void> {
  await directory.run(sql`UPDATE org_units SET moving = 0 WHERE unit = ${unit}`);
}

/** Moves that are over go with their organization; the others are closed, and removed, by cron. */
export async function deleteOrphan(directory: Directory, { move_id, organization_id }: MoveRow): Promise<void> {
  await directory.run(sql`DELETE FROM unit_moves WHERE move_id = ${move_id}
    AND NOT EXISTS (SELECT 1 FROM organizations WHERE organization_id = ${organization_id})`);
}
