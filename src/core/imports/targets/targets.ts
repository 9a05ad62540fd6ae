/** Columns that fill what a lead has beside its profile and aliases. Pure. */

import type { z } from "zod";
import { parseIsoTime } from "../../../time";
import { isOneOf, LEAD_STATUSES, type LeadStatus } from "../../../vocabulary";
import { type ConsentInput, ConsentPurpose, type LeadFields, type StoredConsent, writeConsent } from "../../leads";
import type { CellWarningCode } from "../cells";
import type { ColumnMode } from "../schemas";

/** `_consent_<purpose>`: a column that says yes or no */
export const CONSENT_PREFIX = "_consent_";

/** As a mapping names them; a profile field of the same name that the unit has defined goes first. */
export const TARGETS = ["status", "owner_id", "owner_name", "account_domain", "account_name", "tags"] as const;
export type Target = (typeof TARGETS)[number] | `${typeof CONSENT_PREFIX}${string}`;
export type TargetColumn = { column: number; target: Target; mode?: ColumnMode; unless_edited?: true };

/**
 * A column of the lead's row travels through the plan of an import as a key of the profile's patch that no profile can have, and is taken out
 * at the end: what is compared, counted, planned and shown is the same for both.
 */
const MARK = "#";
const COLUMN_KEYS = ["status", "account_id", "owner_id", "owner_name"] as const satisfies (keyof LeadFields)[];
export const keyOf = (column: (typeof COLUMN_KEYS)[number]): string => MARK + column;
/** Of what a lead has consented to, only yes or no is compared: with the same said again nothing changes. */
const CONSENT_KEY = `${MARK}consent:`;
/** The target that writes a key of consent; null for any other key. */
export const consentTarget = (key: string): Target | null =>
  key.startsWith(CONSENT_KEY) ? `${CONSENT_PREFIX}${key.slice(CONSENT_KEY.length)}` : null;
export const consentKey = (purpose: string): string => CONSENT_KEY + purpose;
export const isColumnKey = (key: string): boolean => key.startsWith(MARK);

/** A key as it is shown: a profile's, or the name of the column. */
export const shownKey = (key: string): string => (isColumnKey(key) ? key.slice(MARK.length) : key);

/** Whether a row writes any column of its lead. */
export const writesColumns = ({ patch, fills }: { patch: ReadonlyMap<string, unknown>; fills?: ReadonlyMap<string, unknown> }): boolean =>
  [...patch.keys(), ...(fills?.keys() ?? [])].some(isColumnKey);

/** SQL of a lead `l` as a profile that has its columns, too. */
export const WIDE_PROFILE_SQL = `json_patch(json_insert(l.profile, ${COLUMN_KEYS.map((column) => `'$."${keyOf(column)}"', l.${column}`).join(", ")}),
  (SELECT json_group_object('${CONSENT_KEY}' || w.key, iif(w.value->>0, 'granted', 'denied')) FROM json_each(coalesce(l.consent, '{}')) w))`;

type Origin = { source: string; at: number };
const IMPORTED = "import";

/** Where and when the rows of an import say that consent was given: as the import itself says of the purpose, else now. */
export function consentOrigin(given: z.output<typeof ConsentInput> | undefined, now: number): (purpose: string) => Origin {
  return (purpose) => {
    const said = given?.[purpose];
    const { source = IMPORTED, at } = typeof said === "object" && said !== null ? said : {};
    return { source, at: at === undefined ? now : parseIsoTime(at) };
  };
}

/** What every row of an import says, for those that do not say it themselves. */
export const consentOfAll = (given: z.output<typeof ConsentInput> | undefined): [key: string, said: string][] =>
  Object.entries(given ?? {}).flatMap(([purpose, said]): [string, string][] => {
    const granted = typeof said === "object" ? said?.granted : said;
    return granted === undefined ? [] : [[consentKey(purpose), granted ? "granted" : "denied"]];
  });

/** A patch as what is written where. A status is never removed, nor is consent. */
export function splitPatch(
  patch: Iterable<[string, string | null]>,
  originOf: (purpose: string) => Origin,
): { profile: Map<string, string | null>; fields: LeadFields | null } {
  const consent: StoredConsent = {};
  const profile = new Map<string, string | null>();
  const fields = new Map<string, string | null>();
  for (const [key, value] of patch) {
    if (!isColumnKey(key)) profile.set(key, value);
    else if (key.startsWith(CONSENT_KEY)) {
      const purpose = key.slice(CONSENT_KEY.length);
      const { source, at } = originOf(purpose);
      consent[purpose] = [value === "granted" ? 1 : 0, source, at];
    } else if (value !== null || key !== keyOf("status")) fields.set(shownKey(key), value);
  }
  const said = writeConsent(consent);
  if (said !== null) fields.set("consent", said);
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

const GRANTED = /^(y|yes|true|1|x|✓|on|granted|given|accepted|consent|opt ?in|opted ?in|subscribed|ja|oui|si|sí|sim|tak|да|はい)$/;
const DENIED = /^(n|no|false|0|off|denied|refused|withdrawn|opt ?out|opted ?out|unsubscribed|nein|non|não|nie|nee|нет|いいえ)$/;

export function consentOf(cell: string): "granted" | "denied" | null {
  const word = cell.toLowerCase().replace(/[-_]/g, " ").trim();
  return GRANTED.test(word) ? "granted" : DENIED.test(word) ? "denied" : null;
}

/** The target that a mapping names by this key; null: none. */
export function targetOf(key: string): Target | null {
  if (isOneOf(TARGETS, key)) return key;
  const purpose = key.startsWith(CONSENT_PREFIX) ? ConsentPurpose.safeParse(key.slice(CONSENT_PREFIX.length)) : null;
  return purpose?.success ? `${CONSENT_PREFIX}${purpose.data}` : null;
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
function tagsOf(cell: string): string {
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

const NO_VALUES: TargetValues = { patch: [], fills: [], account: null, warnings: [] };

/** The values of the lead's columns in a row's cells. An unusable cell is dropped with a warning. */
export function readTargets(cells: readonly string[], columns: readonly TargetColumn[]): Readonly<TargetValues> {
  if (columns.length === 0) return NO_VALUES;
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

  for (const one of columns) {
    if (!one.target.startsWith(CONSENT_PREFIX)) continue;
    const text = cells[one.column]?.trim() ?? "";
    const said = consentOf(text);
    if (said) put(one.mode, [[consentKey(one.target.slice(CONSENT_PREFIX.length)), said]]);
    else if (text !== "") warn("unknown_consent", { ...one, text });
  }

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
