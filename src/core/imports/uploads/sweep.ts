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
  for (const upload of expired) {
    await dropObjects(files, upload);
    await db.run("DELETE FROM import_upload_parts WHERE unit = ?1 AND upload_id = ?2", upload.unit, upload.upload_id);
    await db.run("DELETE FROM import_uploads WHERE unit = ?1 AND upload_id = ?2", upload.unit, upload.upload_id);
  }
  return expired.length;
}
