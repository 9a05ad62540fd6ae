/** The columns of an export: names that imports know, and what each shows of a lead. Pure. */
import { invalidRequest } from "../../validation";
import { ALIAS_KINDS, type AliasKind, isOneOf } from "../../vocabulary";
import type { ScannedLead } from "../lead-overview";
import { isAttributeKey, type Json, publicLeadId, readConsent, STANDARD_PROFILE_FIELDS } from "../leads";

export type ExportColumn = { name: string; show: (lead: ScannedLead) => Json };

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const shownConsent = (consent: string) =>
  Object.fromEntries(
    Object.entries(readConsent(consent)).map(([purpose, [granted, source, at]]) => [
      purpose,
      { granted: granted === 1, source, at: iso(at) },
    ]),
  );
const FIELDS: Record<string, ExportColumn["show"]> = {
  lead_id: ({ lead }) => publicLeadId(lead.lead_id),
  status: ({ lead }) => lead.status,
  account_id: ({ lead }) => lead.account_id,
  owner_id: ({ lead }) => lead.owner_id,
  owner_name: ({ lead }) => lead.owner_name,
  score: ({ score }) => Math.round(score.score * 100) / 100,
  level: ({ score }) => score.level?.name ?? null,
  last_event_at: ({ score }) => iso(score.last_event_at),
  consent: ({ lead }) => lead.consent && JSON.stringify(shownConsent(lead.consent)),
  created_at: ({ lead }) => iso(lead.created_at),
  updated_at: ({ lead }) => iso(lead.updated_at),
};
export const EXPORT_FIELDS = Object.keys(FIELDS);

/** A lead with more of a kind shows the others in the last column of the kind. */
const ALIAS_COLUMNS_MAX = 5;
const KEY_COLUMNS_MAX = 200;
const COLUMNS_MAX = 300;
/** A column for the keys that have none, as JSON. */
const MORE = "_more";

/** What the leads hold: see `listShapes`. */
export type Shapes = { keys: readonly string[]; purposes: readonly string[]; aliases: ReadonlyMap<string, number>; partial: boolean };

/** All that an import gives back: aliases, standard fields, the other keys in their order, and consent by purpose. */
export function defaultColumns({ keys, purposes, aliases, partial }: Shapes): ExportColumn[] {
  const own = keys.filter((key) => !isOneOf(STANDARD_PROFILE_FIELDS, key)).sort();
  const shown = [...STANDARD_PROFILE_FIELDS.filter((key) => keys.includes(key)), ...own].slice(0, KEY_COLUMNS_MAX);
  const columns = [
    ...ALIAS_KINDS.flatMap((kind) => aliasColumns(kind, aliases.get(kind) ?? 0)),
    ...shown.map(keyColumn),
    ...purposes.toSorted().map(consentColumn),
  ];
  return partial || shown.length < keys.length ? [...columns, moreColumn(new Set(shown))] : columns;
}

/** Columns by name: of `EXPORT_FIELDS`, kinds of aliases (`email` or `_alias_email`), keys of the metadata. Throws invalid_request. */
export function chosenColumns(names: readonly string[], { aliases }: Shapes): ExportColumn[] {
  const complain = (message: string) => invalidRequest([{ path: "columns", message }]);
  if (names.length > COLUMNS_MAX) throw complain(`must be at most ${COLUMNS_MAX}`);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw complain(`names ${JSON.stringify(twice)} twice`);
  return names.flatMap((name) => {
    const show = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    if (show) return [{ name, show }];
    if (name.startsWith(CONSENT_PREFIX)) return [consentColumn(name.slice(CONSENT_PREFIX.length))];
    const kind = name.replace(/^_alias_/, "");
    if (isOneOf(ALIAS_KINDS, kind)) return aliasColumns(kind, Math.max(1, aliases.get(kind) ?? 0));
    if (!isAttributeKey(name))
      throw complain(`${JSON.stringify(name.slice(0, 80))} is neither a field nor a kind of alias nor a metadata key`);
    return [keyColumn(name)];
  });
}

function aliasColumns(kind: AliasKind, most: number): ExportColumn[] {
  const count = Math.min(most, ALIAS_COLUMNS_MAX);
  return Array.from({ length: count }, (_, at) => ({
    name: at === 0 ? `_alias_${kind}` : `_alias_${kind} (${at + 1})`,
    show: ({ lead }) => {
      const values = lead.aliases.filter((alias) => alias.kind === kind).map(({ value }) => value);
      return at === count - 1 ? values.slice(at).join("; ") || null : (values[at] ?? null);
    },
  }));
}

const keyColumn = (key: string): ExportColumn => ({
  name: key,
  show: ({ lead }) => (Object.hasOwn(lead.profile, key) ? (lead.profile[key] ?? null) : null),
});

/** An import reads these back. */
const CONSENT_PREFIX = "_consent_";
const consentColumn = (purpose: string): ExportColumn => ({
  name: CONSENT_PREFIX + purpose,
  show: ({ lead }) => {
    const said = readConsent(lead.consent)[purpose];
    return said ? (said[0] === 1 ? "granted" : "denied") : null;
  },
});

const moreColumn = (shown: ReadonlySet<string>): ExportColumn => ({
  name: MORE,
  show: ({ lead }) => {
    const rest = Object.entries(lead.profile).filter(([key]) => !shown.has(key));
    return rest.length === 0 ? null : JSON.stringify(Object.fromEntries(rest));
  },
});

/** As a cell of a table. Line ends as imports keep them. */
export function cellText(value: Json): string {
  if (value === null) return "";
  const text = typeof value === "string" ? value : typeof value === "object" ? JSON.stringify(value) : String(value);
  return text.replace(/\r\n?/g, "\n").replaceAll("\0", "");
}
