/**
 * The fields of leads that events write. Events come late and in any order, so a field keeps what was written last, by the time at which
 * the event occurred. Between the look-up and the commit an edit of the same field may be lost: both are of the same second.
 */
import type { Ctx, Statement, UnitDb } from "../../context";
import { jsonArrays } from "../../db/batch";
import { utf8Bytes } from "../../text";
import {
  lastWrittenAt,
  type PlannedLead,
  type PlannedLeads,
  PROFILE_BYTES_MAX,
  type Profile,
  readSources,
  type StoredSources,
  supersededKeys,
} from "../leads";
import type { QueuedEvent } from "./event";

type Found = { event: QueuedEvent; lead_id: string };
/** `fields`: of those that the events write, the ones that the lead has. `bytes`: of the whole profile. */
export type HeldProfile = { bytes: number; sources: StoredSources; fields: Profile };
type Written = { value: Profile[string]; at: number };

export const PROFILE_SQL = {
  held: `SELECT l.lead_id, octet_length(l.profile) AS bytes, l.sources,
      (SELECT json_group_object(p.key, json(p.value)) FROM (
         SELECT w.value AS key, l.profile -> ('$."' || w.value || '"') AS value FROM json_each(r.value->1) w) p WHERE p.value IS NOT NULL) AS fields
    FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>0`,
} as const;

type HeldRow = { lead_id: string; bytes: number; sources: string | null; fields: string };

/** What is stored of the fields that these events write. One D1 round trip; none if they write none of a stored lead. */
export async function loadProfiles(ctx: Ctx, byLead: ReadonlyMap<string, readonly QueuedEvent[]>): Promise<Map<string, HeldProfile>> {
  const wanted = [...byLead].flatMap(([lead_id, events]) => {
    const keys = new Set(events.flatMap(({ traits }) => Object.keys(traits ?? {}).flatMap(withRelated)));
    return keys.size === 0 ? [] : [JSON.stringify([lead_id, [...keys]])];
  });
  if (wanted.length === 0) return new Map();
  const rows = (await ctx.db.batch(jsonArrays(wanted).map((json) => selectHeld(ctx.db, json)))).flat();
  return new Map(
    rows.map(({ lead_id, bytes, sources, fields }) => [lead_id, { bytes, sources: readSources(sources), fields: JSON.parse(fields) }]),
  );
}

const selectHeld = (db: UnitDb, json: string): Statement<HeldRow> => db.sql(PROFILE_SQL.held, json);

const relatedTo = (key: string): readonly string[] => supersededKeys((other) => other === key);
const withRelated = (key: string): readonly string[] => [key, ...relatedTo(key)];

/** The leads with the fields that their events write, and the events that write more than a profile holds. */
export function planProfiles(
  found: readonly Found[],
  leads: PlannedLeads,
  held: ReadonlyMap<string, HeldProfile>,
): { leads: PlannedLeads; tooLarge: QueuedEvent[] } {
  const byLead = Map.groupBy(
    found.filter(({ event }) => event.traits !== undefined),
    ({ lead_id }) => lead_id,
  );
  if (byLead.size === 0) return { leads, tooLarge: [] };
  const inserts = new Map(leads.inserts.map((lead) => [lead.lead_id, lead]));
  const updates = new Map(leads.updates.map((lead) => [lead.lead_id, lead]));
  const tooLarge: QueuedEvent[] = [];
  for (const [lead_id, entries] of byLead) {
    const planned = foldEvents(
      entries.map(({ event }) => event),
      held.get(lead_id) ?? NOTHING,
    );
    tooLarge.push(...planned.tooLarge);
    const [drafts, isNew] = inserts.has(lead_id) ? [inserts, true] : [updates, false];
    if (planned.written.size === 0) continue;
    const draft = drafts.get(lead_id) ?? { lead_id, profile: {}, aliases: [] };
    drafts.set(lead_id, { ...draft, ...writtenLead(planned.written, isNew) });
  }
  return { leads: { ...leads, inserts: [...inserts.values()], updates: [...updates.values()] }, tooLarge };
}

const NOTHING: HeldProfile = { bytes: 2, sources: [null], fields: {} };

function foldEvents(events: readonly QueuedEvent[], held: HeldProfile): { written: Map<string, Written>; tooLarge: QueuedEvent[] } {
  const written = new Map<string, Written>();
  const tooLarge: QueuedEvent[] = [];
  let { bytes } = held;
  for (const event of events.toSorted((a, b) => writtenTime(a) - writtenTime(b))) {
    const profile = event.traits ?? {};
    const added = utf8Bytes(JSON.stringify(profile)) - utf8Bytes(JSON.stringify(present(held, written, Object.keys(profile))));
    if (bytes + added > PROFILE_BYTES_MAX) {
      tooLarge.push(event);
      continue;
    }
    bytes += added;
    apply(profile, writtenTime(event), held, written);
  }
  return { written, tooLarge };
}

/** A clock that is ahead does not keep later events from writing. */
const writtenTime = ({ occurred_at, received_at }: QueuedEvent): number => Math.min(occurred_at, received_at);

function apply(profile: Profile, at: number, held: HeldProfile, written: Map<string, Written>): void {
  const isStale = (key: string) =>
    withRelated(key).some((other) => (lastWrittenAt(held.sources, other, Object.hasOwn(held.fields, other)) ?? at) > at);
  const fresh = Object.entries(profile).filter(([key]) => !isStale(key));
  const writes = new Set(fresh.flatMap(([key, value]) => (value === null ? [] : [key])));
  for (const key of supersededKeys((other) => writes.has(other))) set(key, null);
  for (const [key, value] of fresh) set(key, value);

  function set(key: string, value: Profile[string]): void {
    const before = written.has(key) ? written.get(key)?.value : held.fields[key];
    if (JSON.stringify(before ?? null) !== JSON.stringify(value)) written.set(key, { value, at });
  }
}

/** What the lead has of these fields after the events so far. */
const present = ({ fields }: HeldProfile, written: ReadonlyMap<string, Written>, keys: readonly string[]): Profile =>
  Object.fromEntries(
    keys.flatMap((key) => {
      const value = written.has(key) ? written.get(key)?.value : fields[key];
      return value === undefined || value === null ? [] : [[key, value]];
    }),
  );

function writtenLead(written: ReadonlyMap<string, Written>, isNew: boolean): Pick<PlannedLead, "profile" | "written" | "writtenAt"> {
  const kept = [...written].filter(([, { value }]) => !isNew || value !== null);
  const times = Map.groupBy(kept, ([, { at }]) => at);
  return {
    profile: Object.fromEntries(kept.map(([key, { value }]) => [key, value])),
    written: kept.map(([key]) => key),
    writtenAt: [...times].map(([at, entries]) => [at, entries.map(([key]) => key)]),
  };
}
