/** One message of Segment's wire format as an event, or why it is none. Pure. */
import type { Call, EventInput } from "../../core/events";
import type { Profile } from "../../core/leads";
import { isTooDeep, JSON_DEPTH_MAX } from "../../json-depth";
import { isoTime, parseIsoTime } from "../../time";
import { type AliasKind, isOneOf } from "../../vocabulary";
import type { Envelope } from "./envelope";
import { type Fields, fieldsOf, isFields, jsonBytes, textOf } from "./fields";
import { type ReadTraits, readGroup, readTraits } from "./traits";

export const MESSAGE_TYPES = ["identify", "track", "page", "screen", "group", "alias"] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

/** The published limit of one event. */
export const MESSAGE_BYTES_MAX = 32 * 1024;

/** `type`: of a batch's message, whatever it holds. `receivedAt`: in ms. */
export function readMessage(type: unknown, message: unknown, envelope: Envelope, receivedAt: number): Call {
  if (!isFields(message)) return { sent: { event_id: undefined, event_type: "unknown", content: null }, refused: "must be an object" };
  const tooDeep = isTooDeep(message);
  const bytes = tooDeep ? 0 : jsonBytes(message);
  const tooLarge = bytes > MESSAGE_BYTES_MAX;
  const sent = {
    event_id: typeof message.messageId === "string" ? message.messageId : undefined,
    event_type: textOf(message.event) ?? textOf(type) ?? "unknown",
    content: tooDeep || tooLarge ? null : (message as Profile),
  };
  if (tooDeep) return { sent, refused: `the event is nested deeper than ${JSON_DEPTH_MAX} levels` };
  if (tooLarge) return { sent, refused: `the event is ${bytes} bytes; at most ${MESSAGE_BYTES_MAX} are taken` };
  if (typeof type !== "string" || !isOneOf(MESSAGE_TYPES, type))
    return { sent, refused: `type must be one of: ${MESSAGE_TYPES.join(", ")}` };
  const problem = problemOf(type, message);
  return problem === null ? { sent, input: inputOf(type, message, envelope, receivedAt) } : { sent, refused: problem };
}

/** The members that a message may have as a text or a number, an object, or both. */
const IDS = ["userId", "anonymousId", "previousId", "groupId"];
const OBJECTS = ["traits", "properties", "context"];

function problemOf(type: MessageType, message: Fields): string | null {
  const given = (name: string) => message[name] !== undefined && message[name] !== null;
  const wrongId = IDS.find((name) => given(name) && !["string", "number", "bigint"].includes(typeof message[name]));
  if (wrongId) return `${wrongId} must be a text`;
  if (given("messageId") && typeof message.messageId !== "string") return "messageId must be a text";
  const wrongObject = OBJECTS.find((name) => given(name) && !isFields(message[name]));
  if (wrongObject) return `${wrongObject} must be an object`;
  if (type === "track" && textOf(message.event) === null) return "event is required";
  if (type === "group" && textOf(message.groupId) === null) return "groupId is required";
  if (type === "alias" && textOf(message.userId) === null) return "userId is required";
  if (type === "alias" && textOf(message.previousId) === null) return "previousId is required";
  return null;
}

function inputOf(type: MessageType, message: Fields, envelope: Envelope, receivedAt: number): EventInput {
  const own = fieldsOf(message.context);
  const context = { ...envelope.context, ...own };
  const known = own.traits === undefined ? envelope.person : readTraits(fieldsOf(own.traits));
  const person = type === "identify" ? withTraits(known, readTraits(fieldsOf(message.traits))) : known;
  const input = {
    event_id: textOf(message.messageId) ?? undefined,
    aliases: aliasesOf(message, person.email, person.phone),
    timestamp: timestampOf(message, envelope.sentAt, receivedAt),
  };
  switch (type) {
    case "identify":
      return { ...input, event_type: type, call: type, traits: person.traits };
    case "group":
      return { ...input, event_type: type, call: type, group: readGroup(textOf(message.groupId) ?? "", fieldsOf(message.traits)) };
    case "alias":
      return { ...input, event_type: type, call: type };
    case "track":
      return { ...input, event_type: textOf(message.event) ?? "", metadata: metadataOf(message, context) };
    case "page":
      return { ...input, event_type: "Page View", metadata: metadataOf(message, context) };
    case "screen":
      return { ...input, event_type: "Screen View", metadata: metadataOf(message, context) };
  }
}

const withTraits = (known: ReadTraits, stated: ReadTraits): ReadTraits => ({
  email: stated.email ?? known.email,
  phone: stated.phone ?? known.phone,
  traits: { ...known.traits, ...stated.traits },
});

/**
 * The strongest first: it decides which lead it is. `previousId` may be either kind of id, so it becomes both: the order in which messages
 * come makes no difference.
 */
function aliasesOf(message: Fields, email: string | null, phone: string | null): EventInput["aliases"] {
  const previous = textOf(message.previousId);
  const anonymous = textOf(message.anonymousId);
  const found: [path: string, kind: AliasKind, raw: string | null][] = [
    ["userId", "external_id", textOf(message.userId)],
    ["previousId", "external_id", previous === anonymous ? null : previous],
    ["traits.email", "email", email],
    ["traits.phone", "phone", phone],
    ["previousId", "cookie", previous],
    ["anonymousId", "cookie", anonymous],
  ];
  return found.flatMap(([path, kind, raw]) => (raw === null ? [] : [{ path, kind, raw }]));
}

/** Properties flat; the page and the campaign under `context`. */
function metadataOf(message: Fields, context: Fields): Profile {
  const { page, campaign } = context;
  const named = { ...(message.name ? { name: message.name } : {}), ...(message.category ? { category: message.category } : {}) };
  const isSaid = (value: unknown): value is Fields => isFields(value) && Object.keys(value).length > 0;
  const kept = { ...(isSaid(page) ? { page } : {}), ...(isSaid(campaign) ? { campaign } : {}) };
  return { ...named, ...fieldsOf(message.properties), ...(Object.keys(kept).length > 0 ? { context: kept } : {}) } as Profile;
}

/** By our clock: the sender's may be wrong, and `sentAt` says by how much. A text that is no time stays as it is, to be refused. */
function timestampOf(message: Fields, envelopeSentAt: unknown, receivedAt: number): string | undefined {
  const stated = textOf(message.timestamp) ?? textOf(message.originalTimestamp);
  if (stated === null) return undefined;
  const at = parseIsoTime(stated);
  const sentAt = parseIsoTime(textOf(message.sentAt) ?? textOf(envelopeSentAt) ?? "");
  return Number.isNaN(at) || Number.isNaN(sentAt) ? stated : isoTime(at + receivedAt - sentAt);
}
