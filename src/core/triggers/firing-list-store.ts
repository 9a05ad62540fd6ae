/** SQL of the list of firings. It walks a unit's firings by their time, which is all that an index keeps: a filter is checked on the way. */
import type { SqlValue, Statement, UnitDb } from "../../context";
import type { TriggerKind } from "../../vocabulary";
import type { Firing } from "./evaluate";

export type FiringFilter = { trigger_id?: string | undefined; kind?: TriggerKind | undefined };

export type FiringPageRow = Omit<Firing, "at"> & { kind: TriggerKind; trigger_name: string; lead_id: string; fired_at: number };

export type FiringPlace = Pick<FiringPageRow, "fired_at" | "lead_id" | "trigger_id" | "n">;

/** Sorts before every firing of the list, which is newest first. */
export const BEFORE_ALL_FIRINGS: FiringPlace = { fired_at: Number.MAX_SAFE_INTEGER, lead_id: "g", trigger_id: "", n: 0 };

const ORDER = "fired_at DESC, lead_id DESC, trigger_id DESC, n DESC";
const PLACE = "fired_at, lead_id, trigger_id, n";
/** After ?2 to ?5, as many as ?6. */
const SCAN = `SELECT ${PLACE} FROM firings INDEXED BY firings_by_time
  WHERE unit = ?1 AND (${PLACE}) < (?2, ?3, ?4, ?5) ORDER BY ${ORDER} LIMIT ?6`;
const MATCHES = `(?7 IS NULL OR p.trigger_id = ?7) AND (?8 IS NULL OR
  (SELECT k.kind FROM firings k WHERE k.unit = ?1 AND k.lead_id = p.lead_id AND k.trigger_id = p.trigger_id AND k.n = p.n) = ?8)`;

export const FIRING_LIST_SQL = {
  page: `SELECT f.trigger_id, f.kind, coalesce(t.name, '') AS trigger_name, f.lead_id, f.n, f.score, f.event_id, f.event_type, f.fired_at
    FROM (SELECT * FROM (${SCAN}) p WHERE ${MATCHES} LIMIT ?9 OFFSET ?10) p
    CROSS JOIN firings f ON f.unit = ?1 AND f.lead_id = p.lead_id AND f.trigger_id = p.trigger_id AND f.n = p.n
    LEFT JOIN triggers t ON t.unit = ?1 AND t.trigger_id = p.trigger_id ORDER BY p.fired_at DESC, p.lead_id DESC, p.trigger_id DESC, p.n DESC`,
  count: `SELECT count(*) AS scanned, count(*) FILTER (WHERE ${MATCHES}) AS matching FROM (${SCAN}) p`,
  end: `${SCAN} OFFSET ?7`,
} as const;

const scan = ({ fired_at, lead_id, trigger_id, n }: FiringPlace, firings: number): SqlValue[] => [
  fired_at,
  lead_id,
  trigger_id,
  n,
  firings,
];

/** Newest first, among the first `firings` after a place. */
export const selectFiringPage = (
  db: UnitDb,
  { trigger_id, kind }: FiringFilter,
  after: FiringPlace,
  { firings, limit, offset }: { firings: number; limit: number; offset: number },
): Statement<FiringPageRow> => db.sql(FIRING_LIST_SQL.page, ...scan(after, firings), trigger_id ?? null, kind ?? null, limit, offset);

/** Of the newest `firings`: how many there are, and how many match. */
export const countFirings = (
  db: UnitDb,
  { trigger_id, kind }: FiringFilter,
  firings: number,
): Statement<{ scanned: number; matching: number }> =>
  db.sql(FIRING_LIST_SQL.count, ...scan(BEFORE_ALL_FIRINGS, firings), trigger_id ?? null, kind ?? null);

/** The last of the first `firings` after a place, and the one after it. */
export const selectFiringsEnd = (db: UnitDb, after: FiringPlace, firings: number): Statement<FiringPlace> =>
  db.sql(FIRING_LIST_SQL.end, ...scan(after, 2), firings - 1);
