/** Adds up what the isolates count, so that counters outlive them. One object for the whole service. */
import { DurableObject } from "cloudflare:workers";

export class Metrics extends DurableObject<Env> {
  readonly #sql = this.ctx.storage.sql;

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.#sql.exec("CREATE TABLE IF NOT EXISTS counters (series TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID");
  }

  add(counts: Record<string, number>): void {
    for (const [series, value] of Object.entries(counts)) {
      this.#sql.exec(
        "INSERT INTO counters (series, value) VALUES (?, ?) ON CONFLICT (series) DO UPDATE SET value = value + excluded.value",
        series,
        value,
      );
    }
  }

  read(): Record<string, number> {
    const rows = this.#sql.exec<{ series: string; value: number }>("SELECT series, value FROM counters").toArray();
    return Object.fromEntries(rows.map(({ series, value }) => [series, value]));
  }
}
