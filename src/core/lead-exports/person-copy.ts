/** The person's own copy: everything that is kept of one lead, table by table. */
import type { Ctx, SqlValue, Statement, UnitDb } from "../../context";
import { actorId, mayEdit } from "../auth";
import { type LeadOverview, requireLeadOverview } from "../lead-overview";

type KeptRow = Record<string, SqlValue>;
export type PersonCopy = { overview: LeadOverview; records: AsyncGenerator<{ table: string; rows: KeptRow[] }> };

const ROWS_PER_PAGE = 500;

/**
 * One D1 round trip, then one for each 500 rows of a table, as they are read. Of the watch list a viewer gets only the own entry: the notes of
 * others are for those who may edit the lead. Throws not_found.
 */
export async function copyOfLead(ctx: Ctx, leadId: string): Promise<PersonCopy> {
  const overview = await requireLeadOverview(ctx, leadId);
  return { overview, records: recordsOf(ctx, overview.lead.lead_id) };
}

async function* recordsOf({ db, actor }: Ctx, leadId: string): PersonCopy["records"] {
  const isShown = (row: KeptRow) => !("watcher" in row) || row.watcher === actorId(actor) || mayEdit({ actor });
  for (const [table, key] of await tablesByLead()) {
    let after: SqlValue[] | null = null;
    do {
      const rows: KeptRow[] = await db.all(selectRows(db, table, key, leadId, after));
      const shown = rows.filter(isShown).map(({ unit, ...row }) => row);
      if (shown.length > 0) yield { table, rows: shown };
      const last = rows[ROWS_PER_PAGE - 1];
      after = last === undefined ? null : key.map((column) => last[column] ?? null);
    } while (after !== null);
  }
  const refused = await db.all(
    db.sql<KeptRow>("SELECT * FROM alias_conflicts INDEXED BY alias_conflicts_by_lead WHERE unit = ?1 AND lead_id = ?2", leadId),
  );
  if (refused.length > 0) yield { table: "alias_conflicts", rows: refused.map(({ unit, ...row }) => row) };
}

/** Tables whose rows are found by the lead, with what else is in their key. The lead's own row is the overview. */
async function tablesByLead(): Promise<(readonly [table: string, key: readonly string[]])[]> {
  // large, and not needed for looking up a lead
  const { UNIT_TABLES } = await import("../erasure");
  return Object.entries(UNIT_TABLES).flatMap(([table, [, second, ...rest]]) =>
    second === "lead_id" && table !== "leads" ? [[table, rest] as const] : [],
  );
}

function selectRows(
  db: UnitDb,
  table: string,
  key: readonly string[],
  leadId: string,
  after: readonly SqlValue[] | null,
): Statement<KeptRow> {
  const further = after === null ? "" : `AND (${key.join(", ")}) > (${key.map((_, at) => `?${at + 3}`).join(", ")})`;
  const order = key.length === 0 ? "" : `ORDER BY ${key.join(", ")}`;
  return db.sql(
    `SELECT * FROM ${table} WHERE unit = ?1 AND lead_id = ?2 ${further} ${order} LIMIT ${ROWS_PER_PAGE}`,
    leadId,
    ...(after ?? []),
  );
}
