/**
 * Who wrote each field of a lead last: the column `leads.sources`, which is written with the row. It names each writer once:
 * `[creator, [dialect, by, at, fields], …]`. A field is a key of the profile, or what `SOURCE_KEYS`, `consentSource` and `aliasSource` name. The
 * creator counts for the fields that no other entry names; null: not known. Pure.
 */
import type { Ctx } from "../../context";
import type { AliasKind, ChangeDialect } from "../../vocabulary";
import { writerOf } from "../changes";
import { aliasKey } from "./aliases/alias";
import type { PlannedLead } from "./bulk-store";
import { changedFields } from "./changed-keys";
import { readConsent, type StoredConsent } from "./consent";
import type { Lead } from "./lead";
import type { Profile } from "./profile";

type Writer = readonly [dialect: ChangeDialect, by: string, at: number];
export type StoredSources = readonly [Writer | null, ...(readonly [...Writer, fields: readonly string[]])[]];

/** The names of what a lead has beside its profile: no key of a profile begins with #. The account is named as events name it. */
export const SOURCE_KEYS = { status: "#status", owner_id: "#owner_id", account_id: "account_id" } as const;
const CONSENT_KEY = "#consent:";
export const consentSource = (purpose: string): string => CONSENT_KEY + purpose;
/** Gaining and losing aliases of a kind. */
export const aliasSource = (kind: AliasKind): string => `#alias:${kind}`;

/** What a change of a lead writes, as its sources name it. */
export function changedSources(before: Lead, after: Lead): string[] {
  const keys = new Set(changedFields(before.profile, after.profile));
  if (before.status !== after.status) keys.add(SOURCE_KEYS.status);
  if (before.owner_id !== after.owner_id || before.owner_name !== after.owner_name) keys.add(SOURCE_KEYS.owner_id);
  if (before.account_id !== after.account_id) keys.add(SOURCE_KEYS.account_id);
  const [had, has] = [readConsent(before.consent), readConsent(after.consent)];
  for (const purpose of Object.keys({ ...had, ...has })) if (!sameStatement(had[purpose], has[purpose])) keys.add(consentSource(purpose));
  const [old, own] = [new Set(before.aliases.map(aliasKey)), new Set(after.aliases.map(aliasKey))];
  for (const alias of before.aliases) if (!own.has(aliasKey(alias))) keys.add(aliasSource(alias.kind));
  for (const alias of after.aliases) if (!old.has(aliasKey(alias))) keys.add(aliasSource(alias.kind));
  return [...keys];
}

/** What a planned write gives a lead beside its profile. */
export function sourcesBeside({ aliases, fields = {} }: Pick<PlannedLead, "aliases" | "fields">): string[] {
  const { status, owner_id, owner_name, account_id, consent } = fields;
  return [
    ...(status === undefined ? [] : [SOURCE_KEYS.status]),
    ...(owner_id === undefined && owner_name === undefined ? [] : [SOURCE_KEYS.owner_id]),
    ...(account_id === undefined ? [] : [SOURCE_KEYS.account_id]),
    ...Object.keys(readConsent(consent ?? null)).map(consentSource),
    ...new Set(aliases.map(([kind]) => aliasSource(kind))),
  ];
}

const sameStatement = (a: StoredConsent[string] | undefined, b: StoredConsent[string] | undefined): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

/** `person`: whoever edits leads through a dialect, in contrast to a file, an event or a partner. */
export type SourceKind = "person" | "partner" | "import" | "event" | "system";

const KINDS: Record<ChangeDialect, SourceKind> = {
  engagement: "person",
  workspace: "person",
  console: "person",
  mcp: "person",
  admin: "person",
  partner: "partner",
  import: "import",
  event: "event",
  merge: "person",
  undo: "system",
  system: "system",
};

/** `by`: a job for an import, else who called. */
export type FieldSource = { source: SourceKind; dialect: ChangeDialect; by: string; at: number };

/** A lead's sources as they are stored, read. */
export const readSources = (json: string | null): StoredSources => (json === null ? [null] : (JSON.parse(json) as StoredSources));

/** Null: written before fields knew their sources. */
export function sourceOf([creator, ...others]: StoredSources, field: string): FieldSource | null {
  const [dialect, by, at] = others.find(([, , , fields]) => fields.includes(field)) ?? creator ?? [];
  if (dialect === undefined || by === undefined || at === undefined) return null;
  return { source: KINDS[dialect], dialect, by, at };
}

/** When a field was last written, in ms; null for one that the lead does not have and that nobody is known to have removed. */
export function lastWrittenAt([creator, ...others]: StoredSources, field: string, isHeld: boolean): number | null {
  const [, , at] = others.find(([, , , fields]) => fields.includes(field)) ?? (isHeld ? creator : null) ?? [];
  return at ?? null;
}

/** The sources of a profile's fields; null for fields written before they knew their sources. */
export const fieldSources = (profile: Profile, stored: StoredSources): [field: string, FieldSource | null][] =>
  Object.keys(profile).map((field) => [field, sourceOf(stored, field)]);

/** Whether a field's last writer was a person: then a file with `unless_edited_by: person` leaves it alone. */
export const wasEditedByPerson = (sources: StoredSources, field: string): boolean => sourceOf(sources, field)?.source === "person";

/** What the context's writes are signed with. */
export const signatureOf = (ctx: Pick<Ctx, "actor" | "source">): [dialect: ChangeDialect, by: string] => [
  ctx.source.dialect,
  ctx.source.import ?? writerOf(ctx),
];

/** Of a lead that is created. `writtenAt`: the fields that were written at another time. */
export const creatorSources = (
  ctx: Pick<Ctx, "actor" | "source">,
  at: number,
  writtenAt: readonly (readonly [at: number, fields: readonly string[]])[] = [],
): string => JSON.stringify([[...signatureOf(ctx), at], ...writtenAt.map((entry) => [...signatureOf(ctx), ...entry])]);

/** For `sources` of a lead that is written: an entry of `sourcesAfterSql`. */
export const sourceEntry = (ctx: Pick<Ctx, "actor" | "source">, at: number, fields: readonly string[]): string =>
  JSON.stringify([...signatureOf(ctx), at, fields]);

/**
 * SQL: the sources of a lead after a write of `fields`, a JSON array of names, that adds `entry`. All three are SQL expressions.
 * A field is in one entry only, so there are never more entries than fields.
 */
export const sourcesAfterSql = (stored: string, fields: string, entry: string): string =>
  `(SELECT json_group_array(json(writers.entry)) FROM (
     SELECT CASE g.key WHEN 0 THEN g.value ELSE json_set(g.value, '$[3]', json((
         SELECT json_group_array(f.value) FROM json_each(g.value, '$[3]') f WHERE f.value NOT IN (SELECT value FROM json_each(${fields}))
       ))) END AS entry
     FROM json_each(coalesce(${stored}, '[null]')) g
     WHERE g.key = 0 OR EXISTS (
       SELECT 1 FROM json_each(g.value, '$[3]') f WHERE f.value NOT IN (SELECT value FROM json_each(${fields})))
     UNION ALL SELECT ${entry}) writers)`;
