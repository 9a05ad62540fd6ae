/** What each org unit has used, by day: the isolates report their counts, a cron job the size of the units. One object for the whole service. */
import { DurableObject } from "cloudflare:workers";
import type { UnitDay, UnitTotals, UnitUsage, UsageQuery, UsageRow, UsageSnapshot } from "../context";
import type { UnitUse } from "../usage";

export class Usage extends DurableObject<Env> {
  readonly #sql = this.ctx.storage.sql;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#sql.exec(`CREATE TABLE IF NOT EXISTS days (day INTEGER, unit INTEGER, requests INTEGER NOT NULL, events INTEGER NOT NULL,
      rows_written INTEGER NOT NULL, leads INTEGER, stored_bytes INTEGER, PRIMARY KEY (day, unit)) WITHOUT ROWID`);
    this.#sql.exec("CREATE TABLE IF NOT EXISTS units (unit INTEGER PRIMARY KEY, leads INTEGER NOT NULL, stored_bytes INTEGER NOT NULL)");
    // an isolate may report its counts of a unit after the unit was deleted
    this.#sql.exec("CREATE TABLE IF NOT EXISTS forgotten (unit INTEGER PRIMARY KEY, day INTEGER NOT NULL)");
  }

  /** Adds counts, but for those of deleted units; returns what their units have used on `today`. */
  add(counts: readonly UnitUse[], today: number): UnitTotals[] {
    for (const { day, unit, requests, events, rows_written, stored_bytes } of counts) {
      this.#sql.exec(
        `INSERT INTO days (day, unit, requests, events, rows_written)
         SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM forgotten WHERE unit = ?2) ON CONFLICT (day, unit) DO UPDATE SET
           requests = requests + excluded.requests, events = events + excluded.events, rows_written = rows_written + excluded.rows_written`,
        ...[day, unit, requests, events, rows_written],
      );
      if (stored_bytes === 0) continue;
      this.#sql.exec(
        `INSERT INTO units (unit, leads, stored_bytes) SELECT ?1, 0, ?2 WHERE NOT EXISTS (SELECT 1 FROM forgotten WHERE unit = ?1)
         ON CONFLICT (unit) DO UPDATE SET stored_bytes = max(0, stored_bytes + excluded.stored_bytes)`,
        ...[unit, stored_bytes],
      );
    }
    return [...new Set(counts.map(({ unit }) => unit))].map((unit) => this.totalsOf(unit, today));
  }

  totalsOf(unit: number, today: number): UnitTotals {
    return this.#sql
      .exec<UnitTotals>(
        `SELECT ?1 AS unit, ?2 AS day, coalesce((SELECT events FROM days WHERE day = ?2 AND unit = ?1), 0) AS events,
           coalesce((SELECT stored_bytes FROM units WHERE unit = ?1), 0) AS stored_bytes`,
        unit,
        today,
      )
      .one();
  }

  /** Days of one unit, both inclusive: one row is looked up for each. */
  ofUnit(unit: number, first: number, last: number): UnitUsage {
    const wanted = JSON.stringify(Array.from({ length: last - first + 1 }, (_, at) => first + at));
    const days = this.#sql
      .exec<UnitDay>(
        "SELECT d.day, d.events, d.leads FROM json_each(?) r CROSS JOIN days d ON d.day = r.value AND d.unit = ? ORDER BY d.day",
        wanted,
        unit,
      )
      .toArray();
    return { days, stored_bytes: this.totalsOf(unit, last).stored_bytes };
  }

  /** The measured size of units. */
  record(day: number, snapshots: readonly UsageSnapshot[]): void {
    for (const { unit, leads, stored_bytes } of snapshots) {
      this.#sql.exec("INSERT OR REPLACE INTO units (unit, leads, stored_bytes) VALUES (?, ?, ?)", unit, leads, stored_bytes);
      this.#sql.exec(
        `INSERT INTO days (day, unit, requests, events, rows_written, leads, stored_bytes) VALUES (?, ?, 0, 0, 0, ?, ?)
         ON CONFLICT (day, unit) DO UPDATE SET leads = excluded.leads, stored_bytes = excluded.stored_bytes`,
        ...[day, unit, leads, stored_bytes],
      );
    }
  }

  /** By day and unit. A day on which nothing was counted has the unit's last size. */
  list({ first, last, units, after, limit }: UsageQuery): UsageRow[] {
    const [afterDay, afterUnit] = after ?? [first, -1];
    return this.#sql
      .exec<UsageRow>(
        `SELECT d.day, d.unit, d.requests, d.events, d.rows_written, coalesce(d.leads, u.leads, 0) AS leads,
           coalesce(d.stored_bytes, u.stored_bytes, 0) AS stored_bytes
         FROM days d LEFT JOIN units u ON u.unit = d.unit
         WHERE (d.day, d.unit) > (?1, ?2) AND d.day BETWEEN ?3 AND ?4 AND (?5 IS NULL OR d.unit IN (SELECT value FROM json_each(?5)))
         ORDER BY d.day, d.unit LIMIT ?6`,
        ...[afterDay, afterUnit, first, last, units ? JSON.stringify(units) : null, limit],
      )
      .toArray();
  }

  forget(unit: number, today: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO forgotten (unit, day) VALUES (?, ?)", unit, today);
    this.#sql.exec("DELETE FROM days WHERE unit = ?", unit);
    this.#sql.exec("DELETE FROM units WHERE unit = ?", unit);
  }

  /** Removes at most `limit` rows of days before `day`; returns how many. */
  removeBefore(day: number, limit: number): number {
    this.#sql.exec("DELETE FROM forgotten WHERE day < ?", day);
    return this.#sql
      .exec("DELETE FROM days WHERE (day, unit) IN (SELECT day, unit FROM days WHERE day < ? LIMIT ?) RETURNING 1 AS n", day, limit)
      .toArray().length;
  }
}
