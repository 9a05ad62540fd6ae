/** Which profile field each column fills: no field is filled twice. Pure. */
import { isAttributeKey, STANDARD_PROFILE_FIELDS, type StandardProfileField } from "../../leads";
import { domainOf, statusOf, type Target } from "../targets/targets";
import type { HeaderRole } from "./header-roles";
import type { Draft } from "./judge-column";

/** `null`: not imported. */
export type FieldTarget = { field: string | null; reason: string | null; created: boolean };

/** The standard fields, and the ones beyond them that have one name whatever the export calls them. */
export const FIELD_OF: Partial<Record<HeaderRole, string>> = {
  ...(Object.fromEntries(STANDARD_PROFILE_FIELDS.map((field) => [field, field])) as Record<StandardProfileField, string>),
  salutation: "salutation",
  status: "lead_status",
  owner: "owner",
  website: "website",
  domain: "domain",
  tags: "tags",
};
type LeadTarget = { name: Target; reason: string; fits: (draft: Draft) => boolean };

/** What a lead has beside its profile, unless an earlier import has made a profile field of it. */
const TARGET_OF: Partial<Record<HeaderRole, LeadTarget>> = {
  status: { name: "status", reason: "By its name, and its cells are statuses of leads", fits: mostly((cell) => statusOf(cell) !== null) },
  owner: { name: "owner_name", reason: "By its name: who looks after the lead", fits: () => true },
  domain: {
    name: "account_domain",
    reason: "By its name: links the account of this domain",
    fits: mostly((cell) => domainOf(cell) !== null),
  },
  tags: { name: "tags", reason: "By its name", fits: () => true },
};
const FITTING_SHARE = 0.6;

function mostly(holds: (cell: string) => boolean): (draft: Draft) => boolean {
  return ({ content }) => {
    const filled = content.cells.filter((cell) => cell !== "");
    return filled.filter(holds).length >= FITTING_SHARE * filled.length;
  };
}

/** What numbers never say: "Attendee" may be a number of the list. */
const WORDED = new Set<HeaderRole>([
  "first_name",
  "last_name",
  "name",
  "first_or_full",
  "last_or_full",
  "company",
  "title",
  "country",
  "industry",
]);
const NUMBERS_SHARE = 0.6;
const SALUTATION_SHARE = 0.6;
const CREATED_FIELDS_MAX = 50;

/** The field of every column that `taken` (it is an alias) does not name. */
export function assignFields(
  drafts: readonly Draft[],
  taken: ReadonlySet<string>,
  known_fields: readonly string[],
): Map<string, FieldTarget> {
  const known = new Map(known_fields.map((field) => [foldField(field), field]));
  const roles = new Map(drafts.map((draft) => [draft.column, roleOf(draft, drafts)]));
  const winners = winnersOf(
    drafts.filter(({ column }) => !taken.has(column)),
    roles,
  );
  const targets = new Map<string, FieldTarget>();
  const used = new Set([...winners.keys()].map(foldField));
  let created = 0;
  for (const draft of drafts) {
    if (taken.has(draft.column)) continue;
    const target = targetOf(draft, roles.get(draft.column) ?? null, winners, known, used);
    if (target.created && ++created > CREATED_FIELDS_MAX) targets.set(draft.column, { ...LEFT_OUT, reason: "More than 50 new fields" });
    else targets.set(draft.column, target);
    if (target.field !== null) used.add(foldField(target.field));
  }
  return targets;
}

const LEFT_OUT = { field: null, created: false } as const;

function targetOf(
  draft: Draft,
  role: HeaderRole | null,
  winners: ReadonlyMap<string, Draft>,
  known: ReadonlyMap<string, string>,
  used: ReadonlySet<string>,
): FieldTarget {
  if (draft.about) return { ...LEFT_OUT, reason: draft.reason };
  if (draft.content.usable === 0) return { ...LEFT_OUT, reason: "The cells are empty" };
  const named = role === null ? undefined : FIELD_OF[role];
  if (named === "name" && winners.has("first_name") && winners.has("last_name"))
    return { ...LEFT_OUT, reason: "First and last name say the same" };
  const target = role === null ? undefined : TARGET_OF[role];
  if (target && named !== undefined && winners.get(named) === draft && !known.has(foldField(named)) && target.fits(draft))
    return { field: target.name, created: false, reason: target.reason };
  if (named !== undefined && winners.get(named) === draft) {
    const field = known.get(foldField(named)) ?? named;
    return { field, created: !known.has(foldField(named)), reason: null };
  }
  const existing = known.get(foldField(draft.column));
  const field = existing ?? newFieldName(draft.column);
  if (field === null || used.has(foldField(field))) return { ...LEFT_OUT, reason: "Another column fills this field" };
  return {
    field,
    created: existing === undefined,
    reason: existing === undefined ? "A new profile field" : "A profile field of this name exists",
  };
}

/** A role that depends on the other columns, and a Title that holds Mr and Ms. */
function roleOf({ role, about, content }: Draft, drafts: readonly Draft[]): HeaderRole | null {
  const has = (...roles: HeaderRole[]) => drafts.some((other) => other.role !== null && !other.about && roles.includes(other.role));
  if (about || role === null || (content.numbers >= NUMBERS_SHARE && WORDED.has(role))) return null;
  if (role === "first_or_full") return has("last_name", "last_or_full") ? "first_name" : "name";
  if (role === "last_or_full") return has("first_name", "first_or_full") ? "last_name" : "name";
  if (role === "name" && has("first_name") && !has("last_name", "last_or_full")) return "last_name";
  return role === "title" && content.salutations >= SALUTATION_SHARE ? "salutation" : role;
}

/** Of several columns for one field the one that is named exactly so, then the fullest. */
function winnersOf(drafts: readonly Draft[], roles: ReadonlyMap<string, HeaderRole | null>): Map<string, Draft> {
  const winners = new Map<string, Draft>();
  for (const draft of drafts) {
    const role = roles.get(draft.column) ?? null;
    const field = role === null ? undefined : FIELD_OF[role];
    if (field === undefined || draft.content.usable === 0) continue;
    const best = winners.get(field);
    if (best === undefined || fitness(draft) > fitness(best)) winners.set(field, draft);
  }
  return winners;
}

const fitness = ({ exact, content }: Draft): number => (exact ? content.cells.length + 1 : 0) + content.usable;

/** The column's name as a field may be called; null where nothing is left of it. */
export function newFieldName(column: string): string | null {
  const name = column
    .replace(/[^\p{L}\p{Nd}_\-. ]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  const short = [...name].slice(0, 64).join("").trim();
  return isAttributeKey(short) && !/^Column \d+$/.test(short) ? short : null;
}

const foldField = (field: string): string =>
  field
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, "_");
