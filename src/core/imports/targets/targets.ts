/** Columns that fill what a lead has beside its profile and aliases. Pure. */

import { LEAD_STATUSES, type LeadStatus } from "../../../vocabulary";
import type { LeadFields } from "../../leads";
import type { CellWarningCode } from "../cells";
import type { ColumnMode } from "../schemas";

/** As a mapping names them; a profile field of the same name that the unit has defined goes first. */
export const TARGETS = ["status", "owner_id", "owner_name", "account_domain", "account_name", "tags"] as const;
export type Target = (typeof TARGETS)[number];
export type TargetColumn = { column: number; target: Target; mode?: ColumnMode };

/**
 * A column of the lead's row travels through the plan of an import as a key of the profile's patch that no profile can have, and is taken out
 * at the end: what is compared, counted, planned and shown is the same for both.
 */
const MARK = "#";
export const COLUMN_KEYS = ["status", "account_id", "owner_id", "owner_name"] as const satisfies (keyof LeadFields)[];
export const keyOf = (column: (typeof COLUMN_KEYS)[number]): string => MARK + column;
export const isColumnKey = (key: string): boolean => key.startsWith(MARK);

/** A key as it is shown: a profile's, or the name of the column. */
export const shownKey = (key: string): string => (isColumnKey(key) ? key.slice(MARK.length) : key);

/** Whether a row writes any column of its lead. */
export const writesColumns = ({ patch, fills }: { patch: ReadonlyMap<string, unknown>; fills?: ReadonlyMap<string, unknown> }): boolean =>
  [...patch.keys(), ...(fills?.keys() ?? [])].some(isColumnKey);

/** SQL of a lead `l` as a profile that has its columns, too. */
export const WIDE_PROFILE_SQL = `json_insert(l.profile, ${COLUMN_KEYS.map((column) => `'$."${keyOf(column)}"', l.${column}`).join(", ")})`;

/** A patch as what is written where. A status is never removed. */
export function splitPatch(patch: Iterable<[string, string | null]>): { profile: Map<string, string | null>; fields: LeadFields | null } {
  const profile = new Map<string, string | null>();
  const fields = new Map<string, string | null>();
  for (const [key, value] of patch) {
    if (!isColumnKey(key)) profile.set(key, value);
    else if (value !== null || key !== keyOf("status")) fields.set(shownKey(key), value);
  }
  return { profile, fields: fields.size === 0 ? null : (Object.fromEntries(fields) as LeadFields) };
}

/** Other words for a status, lower-cased, without marks between the words. */
const STATUS_WORDS: Record<string, LeadStatus> = {
  ...words("new", "open", "not contacted", "neu", "offen", "nouveau", "nuevo", "nuovo", "novo", "nowy", "nieuw", "новый", "新規"),
  ...words(
    "contacted",
    "attempted to contact",
    "in progress",
    "working",
    "connected",
    "kontaktiert",
    "in bearbeitung",
    "contacte",
    "contactado",
  ),
  ...words(
    "qualified",
    "sql",
    "mql",
    "marketing qualified lead",
    "sales qualified lead",
    "opportunity",
    "qualifiziert",
    "qualifie",
    "calificado",
  ),
  ...words("converted", "customer", "won", "closed won", "client", "kunde", "gewonnen", "konvertiert", "cliente", "closed converted"),
  ...words("lost", "closed lost", "unqualified", "disqualified", "junk", "dead", "verloren", "perdu", "perdido", "closed not converted"),
  ...words("follow up", "nurture", "nurturing", "later", "wiedervorlage", "nachfassen"),
};

function words(status: string, ...others: string[]): Record<string, LeadStatus> {
  const known = status.replace(" ", "_") as LeadStatus;
  return Object.fromEntries([status, ...others].map((word) => [word, known]));
}

export function statusOf(cell: string): LeadStatus | null {
  const word = cell
    .normalize("NFD")
    .replace(/\p{Mn}/gu, "")
    .normalize("NFC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim();
  return Object.hasOwn(STATUS_WORDS, word) ? (STATUS_WORDS[word] ?? null) : (LEAD_STATUSES.find((status) => status === cell) ?? null);
}

const DOMAIN = /^(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)+$/;

/** The domain in a cell that contains one, or a web address or an email of it. */
export function domainOf(cell: string): string | null {
  const host = cell
    .trim()
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, "")
    .replace(/^.*@/, "")
    .replace(/[/?#:].*$/s, "")
    .replace(/^www\./, "")
    .replace(/\.+$/, "");
  return DOMAIN.test(host) ? host : null;
}

const TAGS_MAX = 50;

/** Profiles hold texts: the tags of a lead are one, separated by commas. */
export function tagsOf(cell: string): string {
  const tags = cell
    .split(/[;,|\n]/)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== "");
  return [...new Set(tags)].slice(0, TAGS_MAX).join(", ");
}

const OWNER_CHARS_MAX = 200;
const ACCOUNT_NAME_CHARS_MAX = 200;

export type RowAccount = { domain: string; name: string | null; fills: boolean };
export type TargetValues = {
  patch: [string, string | null][];
  fills: [string, string][];
  account: RowAccount | null;
  warnings: { code: CellWarningCode; column: number; value: string }[];
};

/** The values of the lead's columns in a row's cells. An unusable cell is dropped with a warning. */
export function readTargets(cells: readonly string[], columns: readonly TargetColumn[]): TargetValues {
  const values: TargetValues = { patch: [], fills: [], account: null, warnings: [] };
  const cellOf = (target: Target) => {
    const found = columns.find((one) => one.target === target);
    return found && { ...found, text: cells[found.column]?.trim() ?? "" };
  };
  const put = (mode: ColumnMode | undefined, entries: [string, string | null][]) => {
    for (const [key, value] of entries) {
      if (mode === "fill_blank" && value !== null) values.fills.push([key, value]);
      else if (mode !== "fill_blank") values.patch.push([key, value]);
    }
  };
  const warn = (code: CellWarningCode, { column, text }: { column: number; text: string }) =>
    values.warnings.push({ code, column, value: text });

  const status = cellOf("status");
  if (status && status.text !== "") {
    const known = statusOf(status.text);
    if (known === null) warn("unknown_status", status);
    else put(status.mode, [[keyOf("status"), known]]);
  }
  const [id, name] = [cellOf("owner_id"), cellOf("owner_name")];
  const owner = id?.text || name?.text || "";
  const long = [id, name].find((cell) => (cell?.text.length ?? 0) > OWNER_CHARS_MAX);
  if (long) warn("too_long", long);
  else if (owner !== "")
    put((id ?? name)?.mode, [
      [keyOf("owner_id"), owner],
      [keyOf("owner_name"), name?.text || null],
    ]);
  else if ((id ?? name)?.mode === "clear_blank")
    put("clear_blank", [
      [keyOf("owner_id"), null],
      [keyOf("owner_name"), null],
    ]);

  const domain = cellOf("account_domain");
  if (domain && domain.text !== "") {
    const known = domainOf(domain.text);
    if (known === null) warn("not_a_domain", domain);
    else {
      const called = cellOf("account_name")?.text.slice(0, ACCOUNT_NAME_CHARS_MAX).toWellFormed() || null;
      values.account = { domain: known, name: called, fills: domain.mode === "fill_blank" };
    }
  } else if (domain?.mode === "clear_blank") put("clear_blank", [[keyOf("account_id"), null]]);

  const tags = cellOf("tags");
  const listed = tags ? tagsOf(tags.text) : "";
  if (tags && listed !== "") put(tags.mode, [["tags", listed]]);
  else if (tags?.mode === "clear_blank") put("clear_blank", [["tags", null]]);
  return values;
}
