/** The person's own copy: everything that is kept of one lead, table by table. */
import type { Ctx, SqlValue, Statement, UnitDb } from "../../context";
import { UNIT_TABLES } from "../erasure";
import { type LeadOverview, requireLeadOverview } from "../lead-overview";

type KeptRow = Record<string, SqlValue>;
export type PersonCopy = { overview: LeadOverview; records: AsyncGenerator<{ table: string; rows: KeptRow[] }> };

const ROWS_PER_PAGE = 500;

/** Tables whose rows are found by the lead, with what else is in their key. The lead's own row is the overview. */
const BY_LEAD = Object.entries(UNIT_TABLES).flatMap(([table, [, second, ...rest]]) =>
  second === "lead_id" && table !== "leads" ? [[table, rest] as const] : [],
);

/** One D1 round trip, then one for each 500 rows of a table, as they are read. Throws not_found. */
export async function copyOfLead(ctx: Ctx, leadId: string): Promise<PersonCopy> {
  const overview = await requireLeadOverview(ctx, leadId);
  return { overview, records: recordsOf(ctx.db, overview.lead.lead_id) };
}

async function* recordsOf(db: UnitDb, leadId: string): PersonCopy["records"] {
  for (const [table, key] of BY_LEAD) {
    let after: SqlValue[] | null = null;
    do {
      const rows: KeptRow[] = await db.all(selectRows(db, table, key, leadId, after));
      if (rows.length > 0) yield { table, rows: rows.map(({ unit, ...row }) => row) };
      const last = rows[ROWS_PER_PAGE - 1];
      after = last === undefined ? null : key.map((column) => last[column] ?? null);
    } while (after !== null);
  }
  const refused = await db.all(
    db.sql<KeptRow>("SELECT * FROM alias_conflicts INDEXED BY alias_conflicts_by_lead WHERE unit = ?1 AND lead_id = ?2", leadId),
  );
  if (refused.length > 0) yield { table: "alias_conflicts", rows: refused.map(({ unit, ...row }) => row) };
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
