/** How many rows of D1 a chunk's commit writes, which is what D1 bills. */
import type { UnitDb } from "../../../context";
import { jsonArrays, queryGroups } from "../../../db/batch";
import type { LeadStatus } from "../../../vocabulary";
import type { LeadFields, PlannedLead } from "../../leads";
import { countJournalRows } from "../../undo";
import { journalled } from "../lead-chunks";
import type { ChunkPlan } from "../plan-chunk";
import { keyOf } from "../targets/targets";
import { conflictKey, type Overlay } from "./overlay";
import { SEARCHED_ALIASES, SEARCHED_KEYS, type SearchedLead, searchTerms } from "./search-terms";
import type { WrittenColumns, WrittenLead } from "./stored-diffs";

/** The chunk's own row, and the number of leads where it creates some. */
const ROWS_PER_CHUNK = 1;
const ROWS_PER_COUNT = 1;
/** of the log of changes */
const ROWS_PER_LOG = 1;
/** A conflict's row, and its entry in the index by lead. */
const ROWS_PER_CONFLICT = 2;
/** Its row, and its entries in the indexes by domain and by name. */
export const ROWS_PER_ACCOUNT = 3;
/** The job's own rows: created, claimed and ended, its file held and released, with the index entries of both; and the plan's. */
const ROWS_PER_JOB = 12;
/** The mapping that is remembered. */
const ROWS_PER_MAPPING = 1;

/** Rows beside the chunks'. */
export const jobRowsWritten = (createdFields: number): number => ROWS_PER_JOB + createdFields + ROWS_PER_MAPPING;

export const KNOWN_CONFLICTS = `SELECT count(*) AS rows FROM json_each(?2) r
  CROSS JOIN alias_conflicts c ON c.unit = ?1 AND c.kind = r.value->>0 AND c.value = r.value->>1 AND c.lead_id = r.value->>2`;

/** What is stored of the leads that the chunk changes, and what the chunks before it leave. */
export type Before = { searched: ReadonlyMap<string, WrittenLead>; overlay: Overlay };

/** One round trip when the chunk sees new conflicts; none otherwise. */
export async function countRowsWritten(db: UnitDb, plan: ChunkPlan, before: Before): Promise<number> {
  const statuses = new Set(plan.inserts.map(({ fields }) => fields?.status ?? "new"));
  let rows = ROWS_PER_CHUNK + countJournalRows(journalled(plan)) + ROWS_PER_COUNT * statuses.size;
  if (plan.inserts.length + plan.updates.length > 0) rows += ROWS_PER_LOG;
  for (const lead of plan.inserts) rows += 1 + lead.aliases.length + columnRows(lead.fields) + searchTerms(newLead(lead)).size;
  const moved = new Set<string>();
  for (const lead of plan.updates) {
    const was = leadBefore(lead.lead_id, before);
    rows += 1 + lead.aliases.length + changedTerms(lead, was) + changedColumnRows(lead, was.columns, moved);
  }
  rows += ROWS_PER_COUNT * moved.size;
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

function leadBefore(leadId: string, { searched, overlay }: Before): WrittenLead {
  const overlaid = overlay.lead(leadId);
  const stored = searched.get(leadId);
  const columnOf = (column: "owner_id" | "account_id") => overlaid?.profile.get(keyOf(column)) ?? stored?.columns[column] ?? null;
  const cleared = (column: "owner_id" | "account_id") => overlaid?.profile.get(keyOf(column)) === null;
  return {
    profile: new Map([...(stored?.profile ?? []), ...(overlaid?.profile ?? [])]),
    aliases: [...(stored?.aliases ?? []), ...(overlaid?.aliases ?? [])].slice(0, SEARCHED_ALIASES),
    shown_email: stored?.shown_email ?? null,
    columns: {
      status: (overlaid?.profile.get(keyOf("status")) ?? stored?.columns.status ?? "new") as LeadStatus,
      owner_id: cleared("owner_id") ? null : columnOf("owner_id"),
      account_id: cleared("account_id") ? null : columnOf("account_id"),
    },
  };
}

/** Terms that the lead gains or loses. */
function changedTerms({ profile, aliases }: PlannedLead, before: SearchedLead): number {
  const isSearched = SEARCHED_KEYS.some((key) => profile[key] !== undefined && profile[key] !== (before.profile.get(key) ?? null));
  if (!isSearched && aliases.length === 0) return 0;
  const after: SearchedLead = {
    profile: new Map([...before.profile, ...Object.entries(profile)]),
    aliases: [...before.aliases, ...aliases],
    shown_email: before.shown_email,
  };
  const [was, is] = [searchTerms(before), searchTerms(after)];
  let shared = 0;
  for (const term of was) if (is.has(term)) shared += 1;
  return was.size + is.size - 2 * shared;
}

/**
 * Of a lead whose columns are written: the indexes by owner and by account, written whether they change or not, and the term of a status.
 * Adds the statuses whose numbers of leads change to `moved`.
 */
function changedColumnRows({ fields }: PlannedLead, before: WrittenColumns, moved: Set<string>): number {
  if (!fields) return 0;
  const after = { ...before, ...fields };
  const indexed = (lead: Pick<WrittenColumns, "owner_id" | "account_id">) =>
    Number(lead.owner_id !== null) + Number(lead.account_id !== null);
  const isMoved = after.status !== before.status;
  if (isMoved) moved.add(before.status).add(after.status);
  return indexed(after) + (isMoved ? Number(before.status !== "new") + Number(after.status !== "new") : 0);
}

async function countNewConflicts(db: UnitDb, plan: ChunkPlan, overlay: Overlay): Promise<number> {
  const conflicts = new Set(plan.conflicts.map(conflictKey).filter((key) => !overlay.hasConflict(key)));
  if (conflicts.size === 0) return 0;
  const known = jsonArrays([...conflicts]).map((json) => db.sql<{ rows: number }>(KNOWN_CONFLICTS, json));
  const found = await queryGroups(db, { known });
  return conflicts.size - found.known.reduce((sum, { rows }) => sum + rows, 0);
}
