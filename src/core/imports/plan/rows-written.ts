/** How many rows of D1 a chunk's commit writes, which is what D1 bills. */
import type { UnitDb } from "../../../context";
import { jsonArrays, queryGroups } from "../../../db/batch";
import type { LeadFields, PlannedLead } from "../../leads";
import { countJournalRows } from "../../undo";
import { journalled } from "../lead-chunks";
import type { ChunkPlan } from "../plan-chunk";
import { conflictKey, type Overlay } from "./overlay";
import { SEARCHED_ALIASES, type SearchedLead, searchTerms } from "./search-terms";

/** The chunk's own row, and the number of leads where it creates some. */
const ROWS_PER_CHUNK = 1;
const ROWS_PER_COUNT = 1;
/** of the log of changes */
const ROWS_PER_LOG = 1;
/** A conflict's row, and its entry in the index by lead. */
const ROWS_PER_CONFLICT = 2;
/** The job's own rows: created, claimed and ended, its file held and released, with the index entries of both; and the plan's. */
const ROWS_PER_JOB = 12;
/** The mapping that is remembered. */
const ROWS_PER_MAPPING = 1;

/** Rows beside the chunks'. */
export const jobRowsWritten = (createdFields: number): number => ROWS_PER_JOB + createdFields + ROWS_PER_MAPPING;

export const KNOWN_CONFLICTS = `SELECT count(*) AS rows FROM json_each(?2) r
  CROSS JOIN alias_conflicts c ON c.unit = ?1 AND c.kind = r.value->>0 AND c.value = r.value->>1 AND c.lead_id = r.value->>2`;

/** What is stored of the leads that the chunk changes, and what the chunks before it leave. */
export type Before = { searched: ReadonlyMap<string, SearchedLead>; overlay: Overlay };

/** One round trip when the chunk sees new conflicts; none otherwise. */
export async function countRowsWritten(db: UnitDb, plan: ChunkPlan, before: Before): Promise<number> {
  const statuses = new Set(plan.inserts.map(({ fields }) => fields?.status ?? "new"));
  let rows = ROWS_PER_CHUNK + countJournalRows(journalled(plan)) + ROWS_PER_COUNT * statuses.size;
  if (plan.inserts.length + plan.updates.length > 0) rows += ROWS_PER_LOG;
  for (const lead of plan.inserts) rows += 1 + lead.aliases.length + columnRows(lead.fields) + searchTerms(newLead(lead)).size;
  for (const lead of plan.updates) rows += 1 + lead.aliases.length + changedTerms(lead, before);
  return rows + ROWS_PER_CONFLICT * (await countNewConflicts(db, plan, before.overlay));
}

/** Of a new lead: the indexes by owner and by account, and the term by which lists find a status other than the first. */
const columnRows = ({ status = "new", owner_id = null, account_id = null }: LeadFields = {}): number =>
  Number(status !== "new") + Number(owner_id !== null) + Number(account_id !== null);

const newLead = ({ profile, aliases }: PlannedLead): SearchedLead => ({
  profile: new Map(Object.entries(profile)),
  aliases,
  shown_email: null,
});

/** Terms that the lead gains or loses. */
function changedTerms({ lead_id, profile, aliases }: PlannedLead, { searched, overlay }: Before): number {
  const overlaid = overlay.lead(lead_id);
  const stored = searched.get(lead_id) ?? { profile: new Map(), aliases: [], shown_email: null };
  const before: SearchedLead = {
    profile: new Map([...stored.profile, ...(overlaid?.profile ?? [])]),
    aliases: [...stored.aliases, ...(overlaid?.aliases ?? [])].slice(0, SEARCHED_ALIASES),
    shown_email: stored.shown_email,
  };
  const after: SearchedLead = {
    profile: new Map([...before.profile, ...Object.entries(profile)]),
    aliases: [...before.aliases, ...aliases],
    shown_email: stored.shown_email,
  };
  const [was, is] = [searchTerms(before), searchTerms(after)];
  let shared = 0;
  for (const term of was) if (is.has(term)) shared += 1;
  return was.size + is.size - 2 * shared;
}

async function countNewConflicts(db: UnitDb, plan: ChunkPlan, overlay: Overlay): Promise<number> {
  const conflicts = new Set(plan.conflicts.map(conflictKey).filter((key) => !overlay.hasConflict(key)));
  if (conflicts.size === 0) return 0;
  const known = jsonArrays([...conflicts]).map((json) => db.sql<{ rows: number }>(KNOWN_CONFLICTS, json));
  const found = await queryGroups(db, { known });
  return conflicts.size - found.known.reduce((sum, { rows }) => sum + rows, 0);
}
