/** As the import's own diffs of stored leads, with what the leads hold, and under what earlier chunks of a plan would have changed. */
import type { Statement, UnitDb } from "../../../context";
import { jsonArrays, queryGroups } from "../../../db/batch";
import { guardSql } from "../../../db/commit";
import type { LeadStatus } from "../../../vocabulary";
import { type Json, PROFILE_BYTES_MAX, type StoredAlias } from "../../leads";
import { type LeadDiff, rivalKeys } from "../plan-chunk";
import type { ResolvedRow } from "../resolve-rows";
import { WIDE_PROFILE_SQL, writesColumns } from "../targets/targets";
import { diffOfNewLead, type Overlay } from "./overlay";
import { BEFORE_CHARS_MAX } from "./planned-row";
import { SEARCHED_ALIASES, SEARCHED_KEYS, type SearchedLead } from "./search-terms";

const SEARCHED_PATHS = SEARCHED_KEYS.map((key) => `'$.${key}'`).join(", ");
const FIRST_ALIASES = Array.from({ length: SEARCHED_ALIASES }, (_, at) => `'$[${at}]'`).join(", ");
const path = "'$.\"' || p.key || '\"'";
/** `narrow`: the profile alone, `profile`: with the lead's columns where a row writes some. */
const diffsSql = (
  narrow: string,
  profile = narrow,
): string => `SELECT r.at, r.version, r.searched, octet_length(r.narrow) AS bytes, r.aliases,
    CASE WHEN octet_length(r.narrow) + octet_length(r.patch) > ${PROFILE_BYTES_MAX} THEN octet_length(json_patch(r.narrow, r.patch)) END AS merged,
    (SELECT json_group_object(p.key, (CASE json_type(r.profile, ${path})
        WHEN 'text' THEN json_quote(substr(r.profile->>(${path}), 1, ${BEFORE_CHARS_MAX}))
        ELSE iif(octet_length(r.profile->(${path})) > ${BEFORE_CHARS_MAX}, json_quote(substr(r.profile->(${path}), 1, ${BEFORE_CHARS_MAX})), r.profile->(${path}))
      END) || '')
     FROM json_each(r.patch) p
     WHERE json_extract(r.profile, ${path}) IS NOT p.value OR json_type(r.profile, ${path}) IN ('object', 'array')) AS changed,
    (SELECT json_group_array(p.value) FROM json_each(r.probed) p
     WHERE coalesce(json_extract(r.profile, '$."' || p.value || '"'), '') <> '') AS filled
  FROM (SELECT r.value->>0 AS at, l.version, ${narrow} AS narrow, ${profile} AS profile, json_array_length(l.aliases) AS aliases,
      json_array(json_extract(l.profile, ${SEARCHED_PATHS}), json_extract(l.aliases, ${FIRST_ALIASES}), l.shown_email,
        json_array(l.status, l.owner_id, l.account_id)) AS searched, r.value->2 AS patch, r.value->3 AS probed
    FROM json_each(?2) r CROSS JOIN leads l ON l.unit = ?1 AND l.lead_id = r.value->>1) r`;

export const DIFFS_SQL = {
  stored: diffsSql("l.profile"),
  overlaid: diffsSql("json_patch(l.profile, r.value->4)"),
  wideStored: diffsSql("l.profile", WIDE_PROFILE_SQL),
  wideOverlaid: diffsSql("json_patch(l.profile, r.value->4)", `json_patch(${WIDE_PROFILE_SQL}, r.value->4)`),
  versionsHold: guardSql(
    "SELECT 1 FROM json_each(?2) r WHERE NOT EXISTS (SELECT 1 FROM leads l WHERE l.unit = ?1 AND l.lead_id = r.key AND l.version = r.value)",
  ),
} as const;

// `|| ''` makes a value plain text: json_group_object would take it for JSON otherwise

/** `changed`: JSON object whose values are JSON texts; null for a key that the lead lacks. `filled`: JSON of keys */
type DiffRow = {
  at: number;
  version: number;
  searched: string;
  bytes: number;
  aliases: number;
  merged: number | null;
  changed: string;
  filled: string;
};

/** What the rows that a change of a lead writes depend on. */
export type WrittenLead = SearchedLead & { columns: WrittenColumns };
export type WrittenColumns = { status: LeadStatus; owner_id: string | null; account_id: string | null };

export type StoredDiffs = { diffs: Map<number, LeadDiff>; versions: Map<string, number>; searched: Map<string, WrittenLead> };

/** By the rows' positions; `versions` and `searched` of the stored leads. One round trip; none when every lead is new. */
export async function loadStoredDiffs(db: UnitDb, rows: readonly ResolvedRow[], overlay: Overlay | null): Promise<StoredDiffs> {
  const items: Record<"stored" | "overlaid", string[]> = { stored: [], overlaid: [] };
  const diffs = new Map<number, LeadDiff>();
  let wide = false;
  for (const [at, { isNew, lead_id, input }] of rows.entries()) {
    if (isNew) continue;
    wide ||= writesColumns(input);
    const overlaid = overlay?.lead(lead_id);
    if (overlaid?.isNew) {
      diffs.set(at, diffOfNewLead(overlaid, input));
      continue;
    }
    const probed = JSON.stringify([...(input.fills?.keys() ?? [])].flatMap(rivalKeys));
    const item = `${at},"${lead_id}",${input.patchJson},${probed}`;
    if (overlaid) items.overlaid.push(`[${item},${JSON.stringify(Object.fromEntries(overlaid.profile))}]`);
    else items.stored.push(`[${item}]`);
  }
  const sql = wide ? { stored: DIFFS_SQL.wideStored, overlaid: DIFFS_SQL.wideOverlaid } : DIFFS_SQL;
  const statements = (["stored", "overlaid"] as const).flatMap((kind) =>
    jsonArrays(items[kind]).map((json) => db.sql<DiffRow>(sql[kind], json)),
  );
  const { found } = statements.length === 0 ? { found: [] } : await queryGroups(db, { found: statements });
  const versions = new Map<string, number>();
  const searched = new Map<string, WrittenLead>();
  for (const row of found) {
    const lead_id = rows[row.at]?.lead_id ?? "";
    versions.set(lead_id, row.version);
    searched.set(lead_id, readSearched(row.searched));
    diffs.set(row.at, readDiff(row, overlay?.lead(lead_id)?.aliases.length ?? 0));
  }
  return { diffs, versions, searched };
}

function readSearched(json: string): WrittenLead {
  const [values, aliases, shown_email, [status, owner_id, account_id]]: [
    Json[],
    (StoredAlias | null)[],
    string | null,
    [LeadStatus, string | null, string | null],
  ] = JSON.parse(json);
  return {
    columns: { status, owner_id, account_id },
    profile: new Map(SEARCHED_KEYS.map((key, at) => [key, values[at] ?? null])),
    aliases: aliases.filter((alias) => alias !== null),
    shown_email,
  };
}

function readDiff({ bytes, merged, aliases, changed, filled }: DiffRow, gained: number): LeadDiff {
  const held: Record<string, string | null> = JSON.parse(changed);
  const before = new Map(Object.entries(held).map(([key, json]): [string, Json] => [key, json === null ? null : JSON.parse(json)]));
  const keys: string[] = JSON.parse(filled);
  return { bytes, merged, aliases: aliases + gained, changed: new Set(before.keys()), filled: new Set(keys), before };
}

/** Rolls a batch back when one of these leads has another version by now. */
export const versionsHold = (db: UnitDb, versions: ReadonlyMap<string, number>): Statement<never>[] =>
  versions.size === 0 ? [] : [db.sql(DIFFS_SQL.versionsHold, JSON.stringify(Object.fromEntries(versions)))];
