/** The fields of a lead as a form has them: each a text. Pure. */
import type { CallInput, CallOutput } from "../../../server/calls";

type Lead = CallOutput<"leads.get">;
type Change = Omit<CallInput<"leads.change">, "lead_id" | "version">;
type Json = Lead["profile"][string];

export type Field = { id: string; label: string };
/** What somebody has typed, by field; a field that is not among them was left as it is. */
export type Edits = Readonly<Record<string, string>>;
export type Conflict = Field & { mine: string; theirs: string };

const PROFILE = "profile.";
const KNOWN: readonly Field[] = [
  { id: "profile.company", label: "Company" },
  { id: "profile.title", label: "Job title" },
  { id: "profile.source", label: "Source" },
  { id: "profile.notes", label: "Notes" },
];
const NAME: Field = { id: "profile.name", label: "Name" };
const NAME_PARTS: readonly Field[] = [
  { id: "profile.first_name", label: "First name" },
  { id: "profile.last_name", label: "Last name" },
];
const ADDRESSES: readonly Field[] = [
  { id: "email", label: "Email" },
  { id: "phone", label: "Phone" },
];
export const STATUS: Field = { id: "status", label: "Status" };
const OWNER: readonly Field[] = [
  { id: "owner_name", label: "Owner" },
  { id: "owner_id", label: "Owner's id" },
];

const isText = (value: Json | undefined): boolean => typeof value !== "object" || value === null;

/** Every field that a form can change: those that each lead has, then the lead's own. */
export function fieldsOf(lead: Lead): Field[] {
  const fixed = [...("name" in lead.profile ? [NAME] : NAME_PARTS), ...ADDRESSES, ...KNOWN, STATUS, ...OWNER];
  const own = Object.keys(lead.profile)
    .map((key): Field => ({ id: PROFILE + key, label: key.replaceAll("_", " ") }))
    .filter(({ id }) => !fixed.some((field) => field.id === id));
  return [...fixed, ...own].filter(({ id }) => !id.startsWith(PROFILE) || isText(lead.profile[id.slice(PROFILE.length)]));
}

/** Values that are no text: lists and objects. They are shown, not edited. */
export const structuresOf = (lead: Lead): [key: string, json: string][] =>
  Object.entries(lead.profile).flatMap(([key, value]) => (isText(value) ? [] : [[key, JSON.stringify(value, null, 2)]]));

export function textOf(lead: Lead, id: string): string {
  const value = id.startsWith(PROFILE) ? lead.profile[id.slice(PROFILE.length)] : (lead[id as keyof Lead] as string | null);
  return value === undefined || value === null ? "" : String(value);
}

/** What of the edits differs from the lead. */
export const changedIn = (lead: Lead, edits: Edits): string[] => Object.keys(edits).filter((id) => edits[id]?.trim() !== textOf(lead, id));

/** Fields that somebody else has changed to another value than the one typed here. */
export function conflictsOf(base: Lead, theirs: Lead, edits: Edits): Conflict[] {
  const changed = changedIn(base, edits);
  return [...fieldsOf(theirs), ...fieldsOf(base)]
    .filter(({ id }, at, all) => changed.includes(id) && all.findIndex((other) => other.id === id) === at)
    .map((field) => ({ ...field, mine: edits[field.id]?.trim() ?? "", theirs: textOf(theirs, field.id) }))
    .filter(({ id, mine, theirs: value }) => value !== textOf(base, id) && value !== mine);
}

/** The edits as the call takes them: an empty text clears a field, numbers stay numbers. */
export function changeOf(lead: Lead, edits: Edits): Change {
  const change: Record<string, unknown> = {};
  const metadata_patch: Record<string, Json> = {};
  for (const id of changedIn(lead, edits)) {
    const text = edits[id]?.trim() ?? "";
    if (id.startsWith(PROFILE)) {
      const key = id.slice(PROFILE.length);
      metadata_patch[key] = jsonOf(text, lead.profile[key]);
    } else change[id] = text === "" ? null : text;
  }
  return { ...change, ...(Object.keys(metadata_patch).length > 0 ? { metadata_patch } : {}) };
}

function jsonOf(text: string, before: Json | undefined): Json {
  if (text === "") return null;
  if (typeof before === "number" && Number.isFinite(Number(text))) return Number(text);
  if (typeof before === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}
