/** How far a cron job has come that walks on through a database, some rows a tick. */
import type { ShardDb } from "./client";

export async function readPosition<Position>(db: ShardDb, job: string, start: Position): Promise<Position> {
  const [row] = await db.all<{ position: string }>("SELECT position FROM sweep_positions WHERE job = ?1", job);
  return row ? (JSON.parse(row.position) as Position) : start;
}

export const writePosition = (db: ShardDb, job: string, position: unknown): Promise<void> =>
  db.run(
    "INSERT INTO sweep_positions (job, position) VALUES (?1, ?2) ON CONFLICT (job) DO UPDATE SET position = excluded.position",
    job,
    JSON.stringify(position),
  );
