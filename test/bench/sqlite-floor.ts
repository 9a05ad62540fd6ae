/** The limit of an import: the same rows upserted row by row into SQLite in this process, nothing to parse, nothing in between. */
import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { Contact } from "./rows.ts";

const ROWS_PER_TRANSACTION = 1_000;
const JOB_ID = "019a3c5e7b1070008000123456789abc";

const TABLES = `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
  CREATE TABLE leads (unit INTEGER, lead_id TEXT, profile TEXT, aliases TEXT, account_id TEXT, version INTEGER, created_at INTEGER,
    updated_at INTEGER, status TEXT, last_change INTEGER, sources TEXT, PRIMARY KEY (unit, lead_id)) WITHOUT ROWID;
  CREATE TABLE aliases (unit INTEGER, kind TEXT, value TEXT, lead_id TEXT, PRIMARY KEY (unit, kind, value)) WITHOUT ROWID;
  CREATE TABLE lead_terms (unit INTEGER, field TEXT, term TEXT, lead_id TEXT, PRIMARY KEY (unit, field, term, lead_id)) WITHOUT ROWID;
  CREATE TABLE lead_counts (unit INTEGER, status TEXT, leads INTEGER, PRIMARY KEY (unit, status)) WITHOUT ROWID;
  CREATE TABLE import_chunks (unit INTEGER, job_id TEXT, chunk_no INTEGER, created INTEGER, changed INTEGER, PRIMARY KEY (unit, job_id, chunk_no)) WITHOUT ROWID;
  CREATE TABLE change_log (unit INTEGER, seq INTEGER, at INTEGER, changes TEXT, PRIMARY KEY (unit, seq)) WITHOUT ROWID;
  CREATE TABLE undo_journal (unit INTEGER, operation_id TEXT, chunk_no INTEGER, entries TEXT, PRIMARY KEY (unit, operation_id, chunk_no)) WITHOUT ROWID;`;

/**
 * Milliseconds for upserting `rows` into a fresh database on disk, with the rows that an import writes: of each lead its own, one for each alias
 * and one for each word that a search needs; of a thousand leads one in the log of changes, one with their number and one of progress.
 * `journal`: also the row that their undo needs.
 */
export function sqliteLoop(rows: readonly Contact[], file: string, { journal = false } = {}): number {
  rmSync(file, { force: true });
  const db = new DatabaseSync(file);
  db.exec(TABLES);
  const find = db.prepare("SELECT lead_id FROM aliases WHERE unit = 1 AND kind = 'email' AND value = ?");
  const insert = db.prepare("INSERT INTO leads VALUES (1, ?, ?, ?, NULL, 1, ?, ?, 'new', ?, ?)");
  const update = db.prepare("UPDATE leads SET profile = json_patch(profile, ?), version = version + 1 WHERE unit = 1 AND lead_id = ?");
  const attach = db.prepare("INSERT INTO aliases VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING");
  // the two words that a search finds such a lead by, where the start of its email is not enough
  const word = db.prepare("INSERT INTO lead_terms VALUES (1, 'word', ?, ?) ON CONFLICT DO NOTHING");
  const finish = finisher(db, journal);

  const startedAt = performance.now();
  let created: string[][] = [];
  for (const [at, { email, phone, ...profile }] of rows.entries()) {
    const chunk = Math.floor(at / ROWS_PER_TRANSACTION);
    if (at % ROWS_PER_TRANSACTION === 0) db.exec("BEGIN");
    const known = find.get(email) as { lead_id: string } | undefined;
    if (known) {
      update.run(JSON.stringify(profile), known.lead_id);
    } else {
      const id = `${at.toString(16).padStart(12, "0")}70008000${crypto.randomUUID().slice(24)}`;
      const now = Date.now();
      const lead = [
        id,
        JSON.stringify(profile),
        JSON.stringify([
          ["email", email, null, now],
          ["phone", phone, null, now],
        ]),
      ] as const;
      insert.run(...lead, now, now, chunk, JSON.stringify([["import", JOB_ID, now]]));
      attach.run("email", email, id);
      attach.run("phone", phone, id);
      word.run(profile.last_name.toLowerCase(), id);
      word.run(email.slice(email.indexOf("@") + 1), id);
      created.push([...lead]);
    }
    if (at % ROWS_PER_TRANSACTION === ROWS_PER_TRANSACTION - 1 || at === rows.length - 1) {
      finish(chunk, created);
      db.exec("COMMIT");
      created = [];
    }
  }
  const ms = performance.now() - startedAt;
  db.close();
  return ms;
}

/** Writes the rows of a transaction that are about all its leads. */
function finisher(db: DatabaseSync, journal: boolean): (chunk: number, created: readonly string[][]) => void {
  const log = db.prepare("INSERT INTO change_log VALUES (1, ?, ?, ?)");
  const progress = db.prepare("INSERT INTO import_chunks VALUES (1, ?, ?, ?, 0)");
  const count = db.prepare(
    "INSERT INTO lead_counts VALUES (1, 'new', ?) ON CONFLICT (unit, status) DO UPDATE SET leads = leads + excluded.leads",
  );
  const keep = db.prepare("INSERT INTO undo_journal VALUES (1, ?, ?, ?)");
  return (chunk, created) => {
    log.run(chunk, Date.now(), JSON.stringify(Object.fromEntries(created.map(([id]) => [id, [0, null]]))));
    progress.run(JOB_ID, chunk, created.length);
    count.run(created.length);
    if (journal) keep.run(JOB_ID, chunk, `[${created.map(([id, profile, aliases]) => `["${id}",${profile},${aliases}]`).join(",")}]`);
  };
}
