/** An event before it is stored: what a caller may send (ingest contract), and what a queue message carries. Pure. */

import type { FieldProblem } from "../../errors";
import { isStorable, NOT_STORABLE } from "../../schemas";
import { utf8Bytes } from "../../text";
import { parseIsoTime } from "../../time";
import type { AliasKind, FactCall } from "../../vocabulary";
import type { StatedGroup } from "../accounts";
import { type AliasProblem, isAttributeKey, jsonProblem, normaliseAlias, type Profile, parseLeadId, valueProblem } from "../leads";

export const METADATA_BYTES_MAX = 100 * 1024;
export const EVENT_ALIASES_MAX = 20;
export const EVENT_TYPE_CHARS_MAX = 128;
const EVENT_ID_CHARS_MAX = 128;
/** Far beyond any id: a wrong one is accepted, and rejected later, as long as a queue message carries it. */
export const LEAD_ID_CHARS_MAX = 5_000;
/** Maximum accepted future clock skew. */
const FUTURE_SECONDS_MAX = 24 * 3600;
/** A queue message is at most 128 KB, our own fields included. */
const EVENT_BYTES_MAX = 120_000;

/** An event to be read: from a request or from a row of a file. `path`: where the alias stands there. */
export type EventInput = {
  event_id?: string | undefined;
  /** identifies the event if it has no id, or in addition to it */
  idempotency_key?: string | undefined;
  lead_id?: string | undefined;
  aliases: readonly { path: string; kind: AliasKind; raw: string }[];
  event_type: string;
  /** RFC 3339 */
  timestamp?: string | undefined;
  metadata?: Profile | undefined;
  /** fields of the lead that it writes */
  traits?: Profile | undefined;
  /** the account that it links the lead to */
  group?: StatedGroup | undefined;
  /** it says this and nothing else: it is on no timeline */
  call?: FactCall | undefined;
  /** it is of the past: it scores, and fires no trigger */
  silent?: boolean | undefined;
};

export type QueuedAlias = [kind: AliasKind, value: string, raw: string | null];

/** As it is queued and as a rejection stores it. Times in ms. */
export type QueuedEvent = {
  event_id: string;
  idempotency_key: string | null;
  lead_id: string | null;
  /** normalised, distinct, in the order they were sent */
  aliases: QueuedAlias[];
  event_type: string;
  occurred_at: number;
  received_at: number;
  metadata: Profile | null;
  /** fields of the lead that it writes, unless they were written later than it occurred; null removes one */
  traits?: Profile;
  /** the account that it links the lead to, unless another was stated later than it occurred */
  group?: StatedGroup;
  /** it says this and nothing else: it is on no timeline */
  call?: FactCall;
  /** it is of the past: it scores, and fires no trigger */
  silent?: true;
  /** why it is rejected: it was invalid, and others of its request were accepted */
  refused?: string;
  /** set when it is processed: see `withOrigins` */
  original_lead_id?: string;
};

/** Whether it is kept beside the timelines: see calls-store.ts. */
export const isCall = ({ call }: QueuedEvent): boolean => call !== undefined;

/** When an event writes what it states. A clock that is ahead does not keep later events from writing. */
export const writtenTime = ({ occurred_at, received_at }: QueuedEvent): number => Math.min(occurred_at, received_at);

/** Why an event is refused; `too_large` if because of its size. */
export type EventProblem = FieldProblem & { too_large?: boolean };

const ALIAS_PROBLEMS: Record<AliasProblem, string> = {
  empty: "must not be empty",
  invalid_email: "is not an email address",
  invalid_phone: "is not a phone number",
  too_long: "is longer than 512 characters",
  not_storable: NOT_STORABLE,
};
const EVENT_ID = /^[\x21-\x7e]{1,128}$/;
export const isEventId = (text: string): boolean => EVENT_ID.test(text);

/** Identified by its sender's id or key, or by an id of ours: see event-id.ts. */
export type IdentifiedEvent = EventInput & ({ event_id: string } | { idempotency_key: string });

/** Returns the event as it is to be queued, or everything that is wrong with it. */
export function readEvent(input: IdentifiedEvent, unit: { default_region: string | null }, now: number): QueuedEvent | EventProblem[] {
  const problems: EventProblem[] = [];
  const event_type = input.event_type.trim();
  if (event_type === "" || event_type.length > EVENT_TYPE_CHARS_MAX)
    problems.push({ path: "event_type", message: `must be 1 to ${EVENT_TYPE_CHARS_MAX} characters` });
  if (!isStorable(event_type)) problems.push({ path: "event_type", message: NOT_STORABLE });
  for (const [path, id] of [
    ["event_id", input.event_id],
    ["Idempotency-Key", input.idempotency_key],
  ] as const) {
    if (id !== undefined && !EVENT_ID.test(id))
      problems.push({ path, message: `must be 1 to ${EVENT_ID_CHARS_MAX} visible ASCII characters without spaces` });
  }
  if (input.lead_id === undefined && input.aliases.length === 0)
    problems.push({ path: "lead_id", message: "lead_id or at least one alias is required: aliases, or alias_kind and alias" });
  const wrongId = input.lead_id === undefined ? [] : leadIdProblems(input.lead_id);
  problems.push(...wrongId);
  const event: QueuedEvent = {
    event_id: input.event_id ?? (input.idempotency_key as string),
    idempotency_key: input.event_id !== undefined && input.idempotency_key !== input.event_id ? (input.idempotency_key ?? null) : null,
    // malformed ids are accepted here; the consumer rejects them like those of unknown leads
    lead_id: input.lead_id === undefined || wrongId.length > 0 ? null : (parseLeadId(input.lead_id) ?? input.lead_id),
    aliases: readAliases(input, unit.default_region, problems),
    event_type,
    occurred_at: readTimestamp(input.timestamp, now, problems),
    received_at: now,
    metadata: input.metadata ?? null,
    ...(input.traits ? { traits: readTraits(input.traits, problems) } : {}),
    ...(input.group ? { group: input.group } : {}),
    ...(input.call ? { call: input.call } : {}),
    ...(input.silent ? { silent: true } : {}),
  };
  for (const [key, value] of Object.entries(input.group?.traits ?? {})) {
    const problem = valueProblem(value);
    if (problem) problems.push({ path: `traits.${key.slice(0, 100)}${problem.at}`, message: problem.message });
  }
  problems.push(...sizeProblems(event, problems.length === 0));
  return problems.length > 0 ? problems : event;
}

function leadIdProblems(leadId: string): EventProblem[] {
  if (leadId.trim() === "") return [{ path: "lead_id", message: "must not be empty" }];
  if (leadId.length > LEAD_ID_CHARS_MAX)
    return [{ path: "lead_id", message: `must be at most ${LEAD_ID_CHARS_MAX} characters (got ${leadId.length})` }];
  return leadId.isWellFormed() ? [] : [{ path: "lead_id", message: NOT_STORABLE }];
}

function readAliases(input: EventInput, region: string | null, problems: EventProblem[]): QueuedAlias[] {
  if (input.aliases.length > EVENT_ALIASES_MAX) {
    problems.push({ path: "aliases", message: `at most ${EVENT_ALIASES_MAX} aliases` });
    return [];
  }
  const aliases = new Map<string, QueuedAlias>();
  for (const { path, kind, raw } of input.aliases) {
    const read = normaliseAlias(kind, raw, region);
    if (!isStorable(raw)) problems.push({ path, message: NOT_STORABLE });
    else if ("problem" in read)
      problems.push({ path, message: `${ALIAS_PROBLEMS[read.problem]} (got ${JSON.stringify(raw.slice(0, 80))})` });
    else if (!aliases.has(`${kind}:${read.value}`))
      aliases.set(`${kind}:${read.value}`, [kind, read.value, raw === read.value ? null : raw]);
  }
  return [...aliases.values()];
}

function readTraits(traits: Profile, problems: EventProblem[]): Profile {
  for (const [key, value] of Object.entries(traits)) {
    const problem = isAttributeKey(key) ? valueProblem(value) : { at: "", message: "is not a name of a field" };
    if (problem) problems.push({ path: `traits.${key.slice(0, 100)}${problem.at}`, message: problem.message });
  }
  return traits;
}

function readTimestamp(sent: string | undefined, now: number, problems: EventProblem[]): number {
  if (sent === undefined) return now;
  const at = parseIsoTime(sent.trim());
  if (Number.isNaN(at))
    problems.push({ path: "timestamp", message: `must be a time in RFC 3339 format (got ${JSON.stringify(sent.slice(0, 80))})` });
  else if (at < 0) problems.push({ path: "timestamp", message: `must not be before 1970 (got ${JSON.stringify(sent)})` });
  else if (at > now + FUTURE_SECONDS_MAX * 1000)
    problems.push({ path: "timestamp", message: `is more than 24 hours ahead (got ${JSON.stringify(sent)})` });
  return at;
}

/** Skip serialising when the size is provably within the limit: a character is at most three bytes in UTF-8, in an alias six as JSON. */
const METADATA_CHARS_SURELY_FIT = 30_000;
const ALIASES_SURELY_FIT = 3;
const LEAD_ID_CHARS_SURELY_FIT = 100;

/** `isValid`: an event with other problems may hold what JSON cannot say. */
function sizeProblems({ metadata, ...rest }: QueuedEvent, isValid: boolean): EventProblem[] {
  const problem = jsonProblem(metadata);
  if (problem) return [{ path: `metadata${problem.at}`, message: problem.message }];
  const json = metadata === null ? "" : JSON.stringify(metadata);
  const smallId = (rest.lead_id?.length ?? 0) <= LEAD_ID_CHARS_SURELY_FIT;
  const small = json.length < METADATA_CHARS_SURELY_FIT && rest.aliases.length <= ALIASES_SURELY_FIT;
  if (small && smallId && !rest.traits && !rest.group) return [];
  const bytes = utf8Bytes(json);
  if (bytes > METADATA_BYTES_MAX)
    return [{ path: "metadata", message: `is ${bytes} bytes; at most ${METADATA_BYTES_MAX} are taken`, too_large: true }];
  if (isValid && bytes + utf8Bytes(JSON.stringify(rest)) > EVENT_BYTES_MAX)
    return [{ path: "", message: `the event is larger than ${EVENT_BYTES_MAX} bytes`, too_large: true }];
  return [];
}
