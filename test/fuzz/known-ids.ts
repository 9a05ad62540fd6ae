/** The ids that answers have shown, so that later requests can name things that exist. */
import type { Operation } from "./document";

const PREFIXED = /^([a-z]{2,7})_[0-9a-f]{32}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whose id a bare UUID called `id` is, by the key that its object stands under. */
const OWNER_OF_UUID: Record<string, string> = {
  property_definitions: "property_definitions_id",
  lead_status: "status_id",
  lead: "lead_uuid",
  channels: "channel_id",
};

const KINDS_OF_FIELD: Record<string, string[]> = {
  jobId: ["job"],
  leadId: ["lead", "ld"],
  lead_id: ["ld"],
  lead_ids: ["ld", "lead"],
  ruleset_id: ["rs"],
  segment_id: ["seg"],
  file_id: ["preview"],
  credential_id: ["cred", "sec", "pat"],
  organization_id: ["org"],
  creator: ["org"],
  partner: ["org"],
  referring: ["org"],
  receiving: ["org"],
  channel_ids: ["nch"],
  channel_id: ["channel_id"],
  account_id: ["acct"],
  property_definitions_id: ["property_definitions_id"],
  status_id: ["status_id"],
  trigger_id: ["trigger_id"],
  trigger_ids: ["trigger_id"],
  event_id: ["evt"],
};

const KIND_OF_PATH: [RegExp, string][] = [
  [/^\/accounts\//, "acct"],
  [/^\/org-units\//, "unit_id"],
  [/^\/engagement-scoring\/rulesets\//, "rs"],
  [/^\/rules\//, "rule"],
  [/^\/engagement-levels\//, "lvl"],
  [/^\/triggers\//, "trg"],
  [/^\/sequences\//, "seq"],
  [/^\/surge-triggers\//, "srg"],
  [/^\/segment-triggers\//, "sgt"],
  [/^\/notification-channels\//, "nch"],
  [/^\/deliveries\//, "dlv"],
  [/^\/secrets\//, "sec"],
  [/^\/write-keys\//, "wkey"],
  [/^\/settings\/tokens\//, "pat"],
];

/** Names the kind of id that a field holds on a path; empty for a field that holds none. */
function kindsOf(path: string, field: string): string[] {
  if (field === "id") return KIND_OF_PATH.flatMap(([on, kind]) => (on.test(path) ? [kind] : []));
  const partner = path === "/partner" || path === "/functions/v1/keen-api";
  if (field === "lead_id" && partner) return ["lead_uuid"];
  if (field === "channel_id" && (path.startsWith("/deliveries") || path.startsWith("/notification"))) return ["nch"];
  return Object.hasOwn(KINDS_OF_FIELD, field) ? (KINDS_OF_FIELD[field] ?? []) : [];
}

function kindOf(id: string, key: string, parent: string): string | undefined {
  // a trigger's own notification channels are for it alone
  if (key.endsWith("_channel_id")) return undefined;
  if (key === "event_id") return "evt";
  if (key === "unit_id") return key;
  return (
    PREFIXED.exec(id)?.[1] ??
    (UUID.test(id) ? (key === "id" ? (Object.hasOwn(OWNER_OF_UUID, parent) ? OWNER_OF_UUID[parent] : undefined) : key) : undefined)
  );
}

export class KnownIds {
  private readonly byKind = new Map<string, Set<string>>();
  /** `own`: the organization, which nothing may delete; `kept`: ids never to be offered, such as credentials in use. */
  constructor(
    private readonly own: string,
    private readonly kept: ReadonlySet<string>,
  ) {}

  /** Takes the ids out of a JSON answer. */
  harvest(value: unknown, key = "", parent = ""): void {
    if (Array.isArray(value)) for (const item of value) this.harvest(item, key, parent);
    else if (typeof value === "object" && value !== null) {
      for (const [inner, item] of Object.entries(value)) this.harvest(item, inner, key);
    } else if (typeof value === "string") this.add(value, key, parent);
  }

  private add(id: string, key: string, parent: string): void {
    const kind = kindOf(id, key, parent);
    if (kind === undefined || id === this.own || this.kept.has(id)) return;
    const known = this.byKind.get(kind) ?? new Set();
    this.byKind.set(kind, known.add(id));
  }

  forget(text: string): void {
    for (const known of this.byKind.values()) for (const id of known) if (text.includes(id)) known.delete(id);
  }

  /** A known id for a field; undefined when the field holds no id or none is known. `at`, from 0 to 1, chooses among them. */
  find({ method, path }: Operation, field: string, at: number): string | undefined {
    const kinds = kindsOf(path, field);
    if (kinds.includes("org") && method !== "DELETE") return this.own;
    const ids = kinds.flatMap((kind) => [...(this.byKind.get(kind) ?? [])]);
    return ids[Math.floor(at * ids.length)];
  }

  /** The value with every id in it replaced by a known one of its kind. */
  ground(operation: Operation, value: unknown, at: number, field = ""): unknown {
    if (Array.isArray(value)) {
      const grounded = value.map((item) => this.ground(operation, item, at, field));
      const ofIds = kindsOf(operation.path, field).length > 0 && this.find(operation, field, at) === undefined;
      return ofIds ? [] : grounded;
    }
    if (typeof value === "string") return this.find(operation, field, at) ?? value;
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.ground(operation, item, at, key)]));
  }
}
