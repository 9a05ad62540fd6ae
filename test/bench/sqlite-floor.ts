/** The limit of an import: the same rows upserted row by row into SQLite in this process, nothing to parse, nothing in between. */
import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { Contact } from "./rows.ts";

const ROWS_PER_TRANSACTION = 1_000;

/** Milliseconds for upserting `rows` into a fresh database on disk with the tables of the service: the same rows are written. */
export function sqliteLoop(rows: readonly Contact[], file: string): number {
  rmSync(file, { force: true });
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE leads (unit INTEGER, lead_id TEXT, profile TEXT, aliases TEXT, account_id TEXT, version INTEGER, created_at INTEGER,
      updated_at INTEGER, PRIMARY KEY (unit, lead_id)) WITHOUT ROWID;
    CREATE TABLE aliases (unit INTEGER, kind TEXT, value TEXT, lead_id TEXT, PRIMARY KEY (unit, kind, value)) WITHOUT ROWID;
    CREATE TABLE lead_terms (unit INTEGER, field TEXT, term TEXT, lead_id TEXT, PRIMARY KEY (unit, field, term, lead_id)) WITHOUT ROWID;`);
  const find = db.prepare("SELECT lead_id FROM aliases WHERE unit = 1 AND kind = 'email' AND value = ?");
  const insert = db.prepare("INSERT INTO leads VALUES (1, ?, ?, ?, NULL, 1, ?, ?)");
  const update = db.prepare("UPDATE leads SET profile = json_patch(profile, ?), version = version + 1 WHERE unit = 1 AND lead_id = ?");
  const attach = db.prepare("INSERT INTO aliases VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING");

  // the two words that a search finds such a lead by, where the start of its email is not enough
  const word = db.prepare("INSERT INTO lead_terms VALUES (1, 'word', ?, ?) ON CONFLICT DO NOTHING");

  const startedAt = performance.now();
  for (const [at, { email, phone, ...profile }] of rows.entries()) {
    if (at % ROWS_PER_TRANSACTION === 0) db.exec("BEGIN");
    const known = find.get(email) as { lead_id: string } | undefined;
    if (known) {
      update.run(JSON.stringify(profile), known.lead_id);
    } else {
      const id = `${at.toString(16).padStart(12, "0")}70008000${crypto.randomUUID().slice(24)}`;
      const now = Date.now();
      insert.run(
        id,
        JSON.stringify(profile),
        JSON.stringify([
          ["email", email, null, now],
          ["phone", phone, null, now],
        ]),
        now,
        now,
      );
      attach.run("email", email, id);
      attach.run("phone", phone, id);
      word.run(profile.last_name.toLowerCase(), id);
      word.run(email.slice(email.indexOf("@") + 1), id);
    }
    if (at % ROWS_PER_TRANSACTION === ROWS_PER_TRANSACTION - 1 || at === rows.length - 1) db.exec("COMMIT");
  }
  const ms = performance.now() - startedAt;
  db.close();
  return ms;
}
