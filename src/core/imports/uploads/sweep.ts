import type { ShardDb } from "../../../db/client";
import type { UploadRow } from "./store";
import { dropObjects } from "./uploads";

const UPLOADS_PER_SWEEP = 100;

/** Removes uploads after 24 hours, completed or not: objects before rows. Over all org units of one database. */
export async function removeExpiredUploads(db: ShardDb, files: R2Bucket, now: number): Promise<number> {
  const expired = await db.all<UploadRow & { unit: number }>(
    "SELECT * FROM import_uploads WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2",
    now,
    UPLOADS_PER_SWEEP,
  );
  if (expired.length === 0) return 0;
  for (const upload of expired) await dropObjects(files, upload);
  const keys = JSON.stringify(expired.map(({ unit, upload_id }) => [unit, upload_id]));
  for (const table of ["import_upload_parts", "import_uploads"]) {
    await db.run(`DELETE FROM ${table} WHERE (unit, upload_id) IN (SELECT value->>0, value->>1 FROM json_each(?1))`, keys);
  }
  return expired.length;
}
