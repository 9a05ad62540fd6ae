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
  type WrittenAt,
} from "../leads";
import { requireFew } from "./commit-size";
import { type QueuedEvent, writtenTime } from "./event";

type Found = { event: QueuedEvent; lead_id: string };
/** `fields`: of those that the events write, the ones that the lead has. `bytes`: of the whole profile. */
export type HeldProfile = { bytes: number; sources: StoredSources; fields: Profile; account_id: string | null };
type Written = { value: Profile[string]; at: number };
/** What events write of a lead: fields, and the account. `restated`: what they found as they state it, and when that was last. */
type Writes = { fields: Map<string, Written>; account: { id: string; at: number } | null; restated: Map<string, number> };

/** In the sources of a lead, its account. */
const ACCOUNT = "account_id";

export const PROFILE_SQL = {
  held: `SELECT l.lead_id, octet_length(l.profile) AS bytes, l.sources, l.account_id,
      CASE WHEN octet_length(l.profile) <= ?3 THEN (SELECT json_group_object(p.key, json(p.value)) FROM (
         SELECT w.value AS key, l.profile -> ('$."' || w.value || '"') AS value FROM json_each(r.value->1) w) p WHERE p.value IS NOT NULL) END AS fields
    FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>0`,
} as const;

/** `fields`: null for a profile above the limit. */
type HeldRow = { lead_id: string; bytes: number; sources: string | null; fields: string | null; account_id: string | null };

/** Larger profiles are loaded once it is known that they are not too many for one commit. */
const SMALL_PROFILE_BYTES = 8_000;

/**
 * What is stored of the fields that these events write. One D1 round trip; two if a profile is large, none if they write none of a stored lead.
 * Throws CommitTooLarge.
 */
export async function loadProfiles(ctx: Ctx, byLead: ReadonlyMap<string, readonly QueuedEvent[]>): Promise<Map<string, HeldProfile>> {
  const wanted = new Map<string, string>();
  for (const [lead_id, events] of byLead) {
    const keys = new Set(
      events.flatMap(({ traits, group }) => [...Object.keys(traits ?? {}).flatMap(withRelated), ...(group ? [ACCOUNT] : [])]),
    );
    if (keys.size > 0) wanted.set(lead_id, JSON.stringify([lead_id, [...keys]]));
  }
  const rows = await selectHeld(ctx.db, [...wanted.values()], SMALL_PROFILE_BYTES);
  const large = rows.filter(({ fields }) => fields === null);
  requireFew(
    large.length,
    large.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  const others = large.flatMap(({ lead_id }) => wanted.get(lead_id) ?? []);
  const all = [...rows, ...(await selectHeld(ctx.db, others, Number.MAX_SAFE_INTEGER))];
  return new Map(
    all.map(({ lead_id, sources, fields, ...row }) => [
      lead_id,
      { ...row, sources: readSources(sources), fields: fields === null ? {} : JSON.parse(fields) },
    ]),
  );
}

/** `items`: JSON of a lead's id and the keys of fields. One D1 round trip; none without items. */
async function selectHeld(db: UnitDb, items: readonly string[], bytesMax: number): Promise<HeldRow[]> {
  const statements = jsonArrays(items).map((json): Statement<HeldRow> => db.sql(PROFILE_SQL.held, json, bytesMax));
  return statements.length === 0 ? [] : (await db.batch(statements)).flat();
}

const relatedTo = (key: string): readonly string[] => supersededKeys((other) => other === key);
const withRelated = (key: string): readonly string[] => [key, ...relatedTo(key)];

/** The accounts that events state, in the order of their times. */
export const groupsOf = (events: readonly QueuedEvent[]) =>
  inTime(events).flatMap((event) => (event.group ? [{ group: event.group, at: writtenTime(event) }] : []));

export type PlannedProfiles = {
  leads: PlannedLeads;
  /** leads that nothing changes but the times of their fields */
  restated: PlannedLead[];
  tooLarge: QueuedEvent[];
};

/** The leads with what their events write, and the events that write more than a profile holds. `accountOf`: by the id of a group. */
export function planProfiles(
  found: readonly Found[],
  leads: PlannedLeads,
  held: ReadonlyMap<string, HeldProfile>,
  accountOf: ReadonlyMap<string, string>,
): PlannedProfiles {
  const byLead = Map.groupBy(
    found.filter(({ event }) => event.traits !== undefined || event.group !== undefined),
    ({ lead_id }) => lead_id,
  );
  if (byLead.size === 0) return { leads, restated: [], tooLarge: [] };
  const inserts = new Map(leads.inserts.map((lead) => [lead.lead_id, lead]));
  const updates = new Map(leads.updates.map((lead) => [lead.lead_id, lead]));
  const restated: PlannedLead[] = [];
  const tooLarge: QueuedEvent[] = [];
  for (const [lead_id, entries] of byLead) {
    const planned = foldEvents(
      entries.map(({ event }) => event),
      held.get(lead_id) ?? NOTHING,
      accountOf,
    );
    tooLarge.push(...planned.tooLarge);
    const [drafts, isNew] = inserts.has(lead_id) ? [inserts, true] : [updates, false];
    const draft = drafts.get(lead_id);
    const lead = { lead_id, aliases: [], ...draft, ...writtenLead(planned, isNew) };
    if (draft || planned.fields.size > 0 || planned.account) drafts.set(lead_id, lead);
    else if (planned.restated.size > 0) restated.push(lead);
  }
  return { leads: { ...leads, inserts: [...inserts.values()], updates: [...updates.values()] }, restated, tooLarge };
}

const NOTHING: HeldProfile = { bytes: 2, sources: [null], fields: {}, account_id: null };

const inTime = (events: readonly QueuedEvent[]): QueuedEvent[] => events.toSorted((a, b) => writtenTime(a) - writtenTime(b));

function foldEvents(
  events: readonly QueuedEvent[],
  held: HeldProfile,
  accountOf: ReadonlyMap<string, string>,
): Writes & { tooLarge: QueuedEvent[] } {
  const writes: Writes = { fields: new Map(), account: null, restated: new Map() };
  const tooLarge: QueuedEvent[] = [];
  let { bytes } = held;
  for (const event of inTime(events)) {
    const profile = event.traits ?? {};
    const added = utf8Bytes(JSON.stringify(profile)) - utf8Bytes(JSON.stringify(present(held, writes.fields, Object.keys(profile))));
    if (bytes + added > PROFILE_BYTES_MAX) {
      tooLarge.push(event);
      continue;
    }
    bytes += added;
    apply(profile, writtenTime(event), held, writes);
    if (event.group) link(accountOf.get(event.group.id), writtenTime(event), held, writes);
  }
  return { ...writes, tooLarge };
}

function apply(profile: Profile, at: number, held: HeldProfile, { fields, restated }: Writes): void {
  const isStale = (key: string) =>
    withRelated(key).some((other) => {
      const isHeld = Object.hasOwn(held.fields, other);
      return (isHeld || other === key) && (lastWrittenAt(held.sources, other, isHeld) ?? at) > at;
    });
  const fresh = Object.entries(profile).filter(([key]) => !isStale(key));
  const named = new Set(fresh.flatMap(([key, value]) => (value === null ? [] : [key])));
  for (const key of supersededKeys((other) => named.has(other))) set(key, null);
  for (const [key, value] of fresh) set(key, value);

  function set(key: string, value: Profile[string]): void {
    const before = fields.has(key) ? fields.get(key)?.value : held.fields[key];
    if (JSON.stringify(before ?? null) !== JSON.stringify(value)) fields.set(key, { value, at });
    else if (fields.has(key)) fields.set(key, { value, at });
    else if ((lastWrittenAt(held.sources, key, Object.hasOwn(held.fields, key)) ?? Number.NEGATIVE_INFINITY) < at) restated.set(key, at);
    if (fields.has(key)) restated.delete(key);
  }
}

function link(id: string | undefined, at: number, held: HeldProfile, writes: Writes): void {
  const last = lastWrittenAt(held.sources, ACCOUNT, false);
  if (id === undefined || (last ?? at) > at) return;
  if (id !== (writes.account?.id ?? held.account_id) || writes.account) writes.account = { id, at };
  else if (last !== at) writes.restated.set(ACCOUNT, at);
}

/** What the lead has of these fields after the events so far. */
const present = ({ fields }: HeldProfile, written: ReadonlyMap<string, Written>, keys: readonly string[]): Profile =>
  Object.fromEntries(
    keys.flatMap((key) => {
      const value = written.has(key) ? written.get(key)?.value : fields[key];
      return value === undefined || value === null ? [] : [[key, value]];
    }),
  );

type WrittenLead = Pick<PlannedLead, "profile" | "written" | "writtenAt" | "restatedAt" | "fields">;

function writtenLead({ fields, account, restated }: Writes, isNew: boolean): WrittenLead {
  const kept = [...fields].filter(([, { value }]) => !isNew || value !== null);
  const times: [key: string, at: number][] = [
    ...kept.map(([key, { at }]): [string, number] => [key, at]),
    ...(account ? [[ACCOUNT, account.at] as [string, number]] : []),
    // a new lead has nothing that could be stated again, but for what was removed
    ...(isNew ? [...fields].flatMap(([key, { value, at }]): [string, number][] => (value === null ? [[key, at]] : [])) : []),
  ];
  return {
    profile: Object.fromEntries(kept.map(([key, { value }]) => [key, value])),
    written: kept.map(([key]) => key),
    writtenAt: byTime(isNew ? [...times, ...restated] : times),
    ...(restated.size > 0 && !isNew ? { restatedAt: byTime([...restated]) } : {}),
    ...(account ? { fields: { account_id: account.id } } : {}),
  };
}

const byTime = (times: readonly (readonly [key: string, at: number])[]): WrittenAt[] =>
  [...Map.groupBy(times, ([, at]) => at)].map(([at, entries]) => [at, entries.map(([key]) => key)]);
