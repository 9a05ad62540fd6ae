/** How many rows of D1 a chunk's commit writes: what D1 bills. Computed as the triggers on `leads` do, with the same expressions. */
import type { UnitDb } from "../../../context";
import { jsonArrays, queryGroups } from "../../../db/batch";
import { LEAD_WORDS_SQL } from "../../../db/schema/lead-words";
import type { PlannedLead, Profile, StoredAlias } from "../../leads";
import { journalWrites } from "../../undo";
import { journalled } from "../lead-chunks";
import type { ChunkPlan } from "../plan-chunk";
import { conflictKey, type Overlay } from "./overlay";

/** The chunk's own row, and the number of leads where it creates some. */
const ROWS_PER_CHUNK = 1;
const ROWS_PER_COUNT = 1;
/** of the log of changes */
const ROWS_PER_LOG = 1;
/** Each statement of the journal writes one row of it. */
const ROWS_PER_JOURNAL_STATEMENT = 1;
/** A conflict's row, and its entry in the index by lead. */
const ROWS_PER_CONFLICT = 2;

/** The job's own rows: created, claimed and ended, its file held and released, with the index entries of both; and the plan's. */
export const JOB_ROWS_WRITTEN = 12;

/** What the words of a lead are computed from. */
const SEARCHED_KEYS = ["name", "first_name", "last_name", "source"];
const SEARCHED_ALIASES = 3;

const TERMS = `(SELECT DISTINCT substr(value, 1, 64) AS word FROM json_each(w.words)
  WHERE value <> '' AND substr(w.owned_email, 1, length(value)) <> value AND (value GLOB '*[^0-9]*' OR instr(w.searched_name, value)) LIMIT 12)`;
const SOURCE = "iif(json_type(w.profile, '$.source') = 'text', substr(w.profile->>'$.source', 1, 512), NULL)";
/** Each step is computed once for a lead: SQLite would write the expressions into each other otherwise. */
const words = (given: string): string => `WITH given AS MATERIALIZED (${given}),
  owned AS MATERIALIZED (SELECT *, ${LEAD_WORDS_SQL.owned_email} AS owned_email FROM given),
  emails AS MATERIALIZED (SELECT *, ${LEAD_WORDS_SQL.searched_email} AS searched_email FROM owned),
  names AS MATERIALIZED (SELECT *, ${LEAD_WORDS_SQL.searched_name} AS searched_name FROM emails),
  words AS MATERIALIZED (SELECT *, ${LEAD_WORDS_SQL.words} AS words FROM names)`;
const together = (first: string, second: string): string =>
  `(SELECT json_group_array(json(value)) FROM (SELECT value FROM json_each(${first}) UNION ALL SELECT value FROM json_each(${second})))`;

export const WRITTEN_SQL = {
  newTerms: `${words("SELECT value->0 AS profile, value->1 AS aliases, NULL AS shown_email FROM json_each(?2) WHERE ?1 = ?1")}
    SELECT coalesce(sum((SELECT count(*) FROM ${TERMS}) + (${SOURCE} IS NOT NULL)), 0) AS rows FROM words w`,
  changedTerms: `${words(`SELECT lead_id, side, profile, aliases, shown_email FROM (
      WITH before AS MATERIALIZED (
        SELECT r.value->>0 AS lead_id, json_patch(coalesce(r.value->>1, l.profile), r.value->3) AS profile, ${together("coalesce(r.value->>2, l.aliases)", "r.value->4")} AS aliases,
          l.shown_email, r.value->5 AS patch, r.value->6 AS gained
        FROM json_each(?2) r LEFT JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>0)
      SELECT lead_id, 0 AS side, profile, aliases, shown_email FROM before
      UNION ALL SELECT lead_id, 1, json_patch(profile, patch), ${together("aliases", "gained")}, shown_email FROM before)`)}
    SELECT lead_id, side, (SELECT json_group_array(word) FROM ${TERMS}) AS terms, ${SOURCE} AS source FROM words w`,
  knownConflicts: `SELECT count(*) AS rows FROM json_each(?2) r
    CROSS JOIN alias_conflicts c ON c.unit = ?1 AND c.kind = r.value->>0 AND c.value = r.value->>1 AND c.lead_id = r.value->>2`,
} as const;

type RowCount = { rows: number };
/** `side`: before and after the chunk */
type Terms = { lead_id: string; side: 0 | 1; terms: string; source: string | null };

/** One round trip; none when the chunk writes no lead. `overlay` is what earlier chunks leave. */
export async function countRowsWritten(db: UnitDb, plan: ChunkPlan, overlay: Overlay): Promise<number> {
  const conflicts = new Set(plan.conflicts.map(conflictKey).filter((key) => !overlay.hasConflict(key)));
  const groups = {
    created: jsonArrays(plan.inserts.map(newItem)).map((json) => db.sql<RowCount>(WRITTEN_SQL.newTerms, json)),
    known: jsonArrays([...conflicts]).map((json) => db.sql<RowCount>(WRITTEN_SQL.knownConflicts, json)),
    changed: jsonArrays(plan.updates.flatMap((lead) => changedItem(lead, overlay))).map((json) =>
      db.sql<Terms>(WRITTEN_SQL.changedTerms, json),
    ),
  };
  const aliases = [...plan.inserts, ...plan.updates].reduce((sum, lead) => sum + lead.aliases.length, 0);
  const journal = journalWrites(db, { operation_id: "", chunk_no: 0, started_at: 0, now: 0 }, journalled(plan));
  const fixed =
    ROWS_PER_CHUNK +
    ROWS_PER_JOURNAL_STATEMENT * journal.length +
    (plan.inserts.length > 0 ? ROWS_PER_COUNT : 0) +
    (plan.inserts.length + plan.updates.length > 0 ? ROWS_PER_LOG : 0) +
    plan.inserts.length +
    plan.updates.length +
    aliases;
  if (Object.values(groups).every(({ length }) => length === 0)) return fixed;
  const { created, known, changed } = await queryGroups(db, groups);
  return fixed + sumOf(created) + changedTerms(changed) + ROWS_PER_CONFLICT * (conflicts.size - sumOf(known));
}

const sumOf = (rows: readonly RowCount[]): number => rows.reduce((sum, row) => sum + row.rows, 0);

function changedTerms(sides: readonly Terms[]): number {
  const before = new Map(sides.filter(({ side }) => side === 0).map((terms) => [terms.lead_id, terms]));
  let rows = 0;
  for (const after of sides) {
    const was = before.get(after.lead_id);
    if (after.side === 0 || !was) continue;
    rows += differing(JSON.parse(was.terms), JSON.parse(after.terms));
    if (was.source !== after.source) rows += (was.source === null ? 0 : 1) + (after.source === null ? 0 : 1);
  }
  return rows;
}

/** How many texts only one of the lists has. */
function differing(a: readonly string[], b: readonly string[]): number {
  const shared = a.filter((text) => b.includes(text)).length;
  return a.length + b.length - 2 * shared;
}

const newItem = ({ profile, aliases }: PlannedLead): string => JSON.stringify([searched(profile), aliases.slice(0, SEARCHED_ALIASES)]);

/** None for a lead whose words stay. */
function changedItem({ lead_id, profile, aliases }: PlannedLead, overlay: Overlay): string[] {
  const patch = searched(profile);
  if (aliases.length === 0 && Object.keys(patch).length === 0) return [];
  const overlaid = overlay.lead(lead_id);
  const earlier = searched(Object.fromEntries(overlaid?.profile ?? []));
  const own: [Profile | null, StoredAlias[] | null] = overlaid?.isNew ? [{}, []] : [null, null];
  return [
    JSON.stringify([
      lead_id,
      ...own,
      earlier,
      (overlaid?.aliases ?? []).slice(0, SEARCHED_ALIASES),
      patch,
      aliases.slice(0, SEARCHED_ALIASES),
    ]),
  ];
}

const searched = (profile: Profile): Profile => Object.fromEntries(Object.entries(profile).filter(([key]) => SEARCHED_KEYS.includes(key)));
