/** What an operation is about to do to many leads, for the batch that does it. */
import type { Statement, UnitDb } from "../../context";
import type { JournalKind } from "../../vocabulary";
import { type AliasConflict, leadJson, type PlannedLead } from "../leads";
import { insertJournalOfChanges, insertJournalRow } from "./journal-store";
import { JOURNAL_ROW_BYTES_MAX } from "./limits";

/** A chunk of an operation over many leads. */
export type JournalChunk = { operation_id: string; chunk_no: number /** of the operation, in ms */; started_at: number; now: number };

/** `profile` is a patch here: null removes a key; `aliases` are those it gains. `bytes`: of the stored profile and the patch, at least. */
export type JournalledChange = PlannedLead & { bytes: number };

export type JournalledLeads = {
  created?: readonly PlannedLead[];
  changed?: readonly JournalledChange[];
  conflicts?: readonly Pick<AliasConflict, "kind" | "value" | "lead_id">[];
};

const ENTRIES_PER_ROW = 1_000;
/** A character is at most three bytes in UTF-8. */
const BYTES_PER_CHAR = 3;

/**
 * The journal of a chunk: before its other writes in the same batch, since the values before are read there, from the leads themselves.
 * One written row for up to a thousand leads.
 */
export function journalWrites(db: UnitDb, chunk: JournalChunk, leads: JournalledLeads): Statement<never>[] {
  let part = 0;
  const { created, changed, conflicts } = slicesOf(leads);
  const rows = (kind: JournalKind, found: readonly Item[][]) =>
    found.map((slice) => insertJournalRow(db, { ...chunk, part: part++, kind, ...idRange(slice), entries: jsonOf(slice) }));
  return [
    ...rows("created", created),
    ...changed.map((slice) => insertJournalOfChanges(db, { ...chunk, part: part++, changes: jsonOf(slice) })),
    ...rows("conflicts", conflicts),
  ];
}

/** How many rows `journalWrites` writes. */
export function countJournalRows(leads: JournalledLeads): number {
  const { created, changed, conflicts } = slicesOf(leads);
  return created.length + changed.length + conflicts.length;
}

type Item = { lead_id: string; json: string; bytes: number };

const slicesOf = ({ created = [], changed = [], conflicts = [] }: JournalledLeads) => ({
  created: slices(created.map(leadItem)),
  changed: slices(changed.map(changeItem)),
  conflicts: slices(conflicts.map(conflictItem)),
});

function leadItem(lead: PlannedLead): Item {
  const json = leadJson(lead);
  return { lead_id: lead.lead_id, json, bytes: BYTES_PER_CHAR * json.length };
}

function changeItem(lead: JournalledChange): Item {
  const item = leadItem(lead);
  return { ...item, bytes: lead.bytes + item.bytes };
}

function conflictItem({ kind, value, lead_id }: Pick<AliasConflict, "kind" | "value" | "lead_id">): Item {
  const json = JSON.stringify([lead_id, kind, value]);
  return { lead_id, json, bytes: BYTES_PER_CHAR * json.length };
}

function slices(items: readonly Item[]): Item[][] {
  const found: Item[][] = [];
  let bytes = 0;
  for (const item of items) {
    const last = found.at(-1);
    bytes += item.bytes;
    if (last && last.length < ENTRIES_PER_ROW && bytes <= JOURNAL_ROW_BYTES_MAX) last.push(item);
    else {
      found.push([item]);
      bytes = item.bytes;
    }
  }
  return found;
}

const jsonOf = (items: readonly Item[]): string => `[${items.map(({ json }) => json).join(",")}]`;

function idRange(items: readonly Item[]): { first_lead_id: string; last_lead_id: string } {
  const [first = "", ...others] = items.map(({ lead_id }) => lead_id);
  return {
    first_lead_id: others.reduce((least, id) => (id < least ? id : least), first),
    last_lead_id: others.reduce((most, id) => (id > most ? id : most), first),
  };
}
