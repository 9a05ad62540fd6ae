/**
 * SQL of lists of leads. A list with filters starts from the narrowest range of lead_terms and checks the other filters for each lead in
 * it; one without reads leads by their key, newest first. No statement reads more leads than it shows, except `status=new` alone: new
 * leads are in no index, because most leads are new and an entry each would cost a written row. That one reads from the newest lead
 * backwards until it has all new leads that the kept count knows of.
 */

import type { SqlValue, Statement, UnitDb } from "../../../context";
import type { LeadStatus } from "../../../vocabulary";
import { LEAD_COLUMNS, type LeadRow } from "../store";
import { cutTo, SOURCE_CHARS_MAX } from "./limits";
import type { SearchTerm } from "./terms";

export type LeadFilter = { terms: readonly SearchTerm[]; status: LeadStatus | undefined; source: string | undefined };

/** Appended to a prefix: sorts after every text that begins with the prefix. */
const END = "char(1114111)";

/** `total`: how many leads pass the filter; a page without leads is one row of nulls beside it. */
export type LeadPageRow = { [Column in keyof LeadRow]: LeadRow[Column] | null } & { total: number };

/** `c` has the total, `p` the ids of the page. */
const PAGE = `SELECT c.total, ${LEAD_COLUMNS} FROM c LEFT JOIN p LEFT JOIN leads l ON l.unit = ?1 AND l.lead_id = p.lead_id
  ORDER BY p.lead_id DESC`;

/** One page, newest first, and the total: the kept count where that is enough, else all entries of the narrowest range are read, once. */
export function selectLeadPage(db: UnitDb, filter: LeadFilter, limit: number, offset: number): Statement<LeadPageRow> {
  const params = new Params();
  const ids = matching(filter, params);
  if (ids === null) return selectPageByKey(db, filter.status, limit, offset);
  return db.sql(
    `WITH m AS MATERIALIZED (${ids}), c AS (SELECT count(*) AS total FROM m),
       p AS (SELECT m.lead_id FROM m ORDER BY m.lead_id DESC LIMIT ${params.add(limit)} OFFSET ${params.add(offset)})
     ${PAGE}`,
    ...params.values,
  );
}

/** Of leads by their key, the page is read from whichever end of the list is closer. */
function selectPageByKey(db: UnitDb, status: LeadStatus | undefined, limit: number, offset: number): Statement<LeadPageRow> {
  const ofStatus = status === undefined ? "" : "AND status = 'new'";
  const page = (order: "DESC" | "ASC", rows: string, skipped: string) =>
    `SELECT * FROM (SELECT l.lead_id FROM leads l WHERE l.unit = ?1 ${ofStatus} ORDER BY l.lead_id ${order} LIMIT ${rows} OFFSET ${skipped})`;
  const shown = "max(0, min(?2, (SELECT total FROM c) - ?3))";
  const isNear = "?3 * 2 <= (SELECT total FROM c)";
  return db.sql(
    `WITH c AS MATERIALIZED (${keptTotal(ofStatus)}),
       p AS (${page("DESC", `iif(${isNear}, ${shown}, 0)`, "?3")}
         UNION ALL ${page("ASC", `iif(${isNear}, 0, ${shown})`, "max(0, (SELECT total FROM c) - ?3 - ?2)")})
     ${PAGE}`,
    limit,
    offset,
  );
}

/** How many leads there are, of a status or in all. */
export const selectKeptTotal = (db: UnitDb, status: LeadStatus | undefined): Statement<{ total: number }> =>
  status === undefined ? db.sql(keptTotal("")) : db.sql(keptTotal("AND status = ?2"), status);

const keptTotal = (ofStatus: string): string => `SELECT coalesce(sum(leads), 0) AS total FROM lead_counts WHERE unit = ?1 ${ofStatus}`;

/** The ids of the leads that pass; null when the filter names no range to start from. */
export function matching({ terms, status, source }: LeadFilter, params: Params): string | null {
  const [first, ...others] = terms;
  const named = status === "new" ? undefined : status;
  const id = first ? "w.lead_id" : "d.lead_id";
  const conditions = others.map((term) => `${id} IN (${wordRange(term, params)})`);
  const has = (field: string, term: string) =>
    `EXISTS (SELECT 1 FROM lead_terms s WHERE s.unit = ?1 AND s.field = '${field}' AND s.term = ${params.add(term)} AND s.lead_id = ${id})`;
  const start = (field: string, term: string) =>
    `SELECT d.lead_id FROM lead_terms d WHERE d.unit = ?1 AND d.field = '${field}' AND d.term = ${params.add(term)}`;

  let ids: string;
  if (first) ids = `SELECT w.lead_id FROM (SELECT DISTINCT lead_id FROM (${wordRange(first, params)})) w WHERE true`;
  else if (source !== undefined) ids = start("source", cutTo(SOURCE_CHARS_MAX, source));
  else if (named) ids = start("status", named);
  else return null;

  if (first && source !== undefined) conditions.push(has("source", cutTo(SOURCE_CHARS_MAX, source)));
  if (named && (first || source !== undefined)) conditions.push(has("status", named));
  if (status === "new") {
    conditions.push(`EXISTS (SELECT 1 FROM leads n WHERE n.unit = ?1 AND n.lead_id = ${id} AND n.status = 'new')`);
  }
  return [ids, ...conditions].join(" AND ");
}

/** Leads with a word or an email that begins with the term. */
function wordRange({ prefix, spellings }: SearchTerm, params: Params): string {
  const words = params.add(JSON.stringify(spellings));
  const email = params.add(prefix);
  return `SELECT t.lead_id FROM json_each(${words}) r
      CROSS JOIN lead_terms t ON t.unit = ?1 AND t.field = 'word' AND t.term >= r.value AND t.term < r.value || ${END}
    UNION ALL
    SELECT a.lead_id FROM aliases a WHERE a.unit = ?1 AND a.kind = 'email' AND a.value >= ${email} AND a.value < ${email} || ${END}`;
}

/** Parameters of a statement that is composed: they follow the unit. */
export class Params {
  readonly values: SqlValue[] = [];
  add(value: SqlValue): string {
    return `?${this.values.push(value) + 1}`;
  }
}
