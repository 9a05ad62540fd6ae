/** SQL of uploads in parts. */
import type { Statement, UnitDb } from "../../../context";

export type UploadRow = {
  upload_id: string;
  /** R2 key of the file as it was sent, and the id that R2 gave the upload */
  raw_key: string;
  r2_upload_id: string;
  /** R2 key of the normalised copy, written by `complete` */
  object_key: string;
  file_name: string;
  size: number;
  part_size: number;
  created_at: number;
  expires_at: number;
  /** of the preview, once it is completed */
  file_id: string | null;
};

export type PartRow = { part_no: number; etag: string; size: number };

export const insertUpload = (db: UnitDb, upload: Omit<UploadRow, "file_id">): Statement<never> =>
  db.sql(
    `INSERT INTO import_uploads (unit, upload_id, raw_key, r2_upload_id, object_key, file_name, size, part_size, created_at, expires_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)`,
    upload.upload_id,
    upload.raw_key,
    upload.r2_upload_id,
    upload.object_key,
    upload.file_name,
    upload.size,
    upload.part_size,
    upload.created_at,
    upload.expires_at,
  );

/** No row for an upload that has expired. */
export const selectUpload = (db: UnitDb, uploadId: string, now: number): Statement<UploadRow> =>
  db.sql("SELECT * FROM import_uploads WHERE unit = ?1 AND upload_id = ?2 AND expires_at > ?3", uploadId, now);

export const selectParts = (db: UnitDb, uploadId: string): Statement<PartRow> =>
  db.sql("SELECT part_no, etag, size FROM import_upload_parts WHERE unit = ?1 AND upload_id = ?2 ORDER BY part_no", uploadId);

/** A part that is sent again replaces the one before. */
export const savePart = (db: UnitDb, uploadId: string, { part_no, etag, size }: PartRow): Statement<never> =>
  db.sql(
    `INSERT INTO import_upload_parts (unit, upload_id, part_no, etag, size) VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT (unit, upload_id, part_no) DO UPDATE SET etag = excluded.etag, size = excluded.size`,
    uploadId,
    part_no,
    etag,
    size,
  );

export const finishUpload = (db: UnitDb, uploadId: string, fileId: string): Statement<never>[] => [
  db.sql("UPDATE import_uploads SET file_id = ?3 WHERE unit = ?1 AND upload_id = ?2", uploadId, fileId),
  db.sql("DELETE FROM import_upload_parts WHERE unit = ?1 AND upload_id = ?2", uploadId),
];

export const deleteUpload = (db: UnitDb, uploadId: string): Statement<never>[] => [
  db.sql("DELETE FROM import_upload_parts WHERE unit = ?1 AND upload_id = ?2", uploadId),
  db.sql("DELETE FROM import_uploads WHERE unit = ?1 AND upload_id = ?2", uploadId),
];
