/**
 * What an erasure knows of a person. It only grows while the erasure runs, so that an alias which the lead loses meanwhile is searched for, and one
 * that it gains is suppressed, too.
 */
import type { Ctx, Statement } from "../../context";
import { AppError } from "../../errors";
import {
  type Alias,
  absence,
  aliasKey,
  type Lead,
  type LeadAlias,
  leadIsAsLoaded,
  readAlias,
  readLead,
  SUPPRESSED,
  selectLead,
  selectMergedIds,
  storedAlias,
  withhold,
} from "../leads";
import { notMoving, requireNotMoving } from "../merging";
import { selectDeletedLead, selectDeletedRelations } from "../undo";
import { selectRefusedBy } from "./traces-store";

export type Person = {
  /** the lead's own and those of the leads that were merged into it */
  ids: string[];
  aliases: LeadAlias[];
  /** addresses that the lead shows while another lead has them */
  shown: string[];
  /** leads that were refused an alias of this one */
  refused: string[];
};

/** `lead`: null when it is gone. */
export type Known = { lead_id: string; lead: Lead | null; person: Person };

export const writePerson = ({ aliases, ...person }: Person): string =>
  JSON.stringify({ ...person, aliases: aliases.map(({ kind, value, raw, created_at }) => storedAlias(kind, value, raw, created_at)) });

export function readPerson(json: string): Person {
  const { aliases, ...person } = JSON.parse(json);
  return { ...person, aliases: aliases.map(readAlias) };
}

const personOf = (leadId: string, lead: Lead | null, others: readonly string[] = [], refused: readonly string[] = []): Person => ({
  ids: [leadId, ...others],
  aliases: lead?.aliases ?? [],
  shown: [lead?.shown_email, lead?.shown_phone].filter((address) => typeof address === "string" && address !== "") as string[],
  refused: [...refused],
});

/** Two D1 round trips. Throws not_found, gone (merged). */
async function loadPerson(ctx: Ctx, leadId: string): Promise<Known & { lead: Lead }> {
  const [row] = await ctx.db.all(selectLead(ctx.db, leadId));
  if (!row) throw await absence(ctx, leadId);
  const lead = readLead(row);
  const [merged, refused] = await ctx.db.batch([selectMergedIds(ctx.db, leadId), selectRefusedBy(ctx.db, leadId)]);
  const idsOf = (rows: readonly { lead_id: string }[]) => rows.map(({ lead_id }) => lead_id);
  return { lead_id: leadId, lead, person: personOf(leadId, lead, idsOf(merged), idsOf(refused)) };
}

/** A person whose lead may be gone: then as the undo journal has it. At most three D1 round trips. Throws gone (merged). */
export async function findPerson(ctx: Ctx, leadId: string): Promise<Known> {
  try {
    return await loadPerson(ctx, leadId);
  } catch (error) {
    if (!(error instanceof AppError && error.code === "not_found")) throw error;
    return { lead_id: leadId, lead: null, person: await findDeletedPerson(ctx, leadId) };
  }
}

/** A person as the undo journal has it; one without aliases where it has nothing. One D1 round trip. */
export async function findDeletedPerson({ db }: Ctx, leadId: string): Promise<Person> {
  const [[lead], relations] = await db.batch([selectDeletedLead(db, leadId), selectDeletedRelations(db, leadId)]);
  const idsIn = (table: string) => [
    ...new Set(relations.flatMap((row) => (row.name === table && row.lead_id !== leadId ? [row.lead_id] : []))),
  ];
  return personOf(leadId, lead ? readLead(JSON.parse(lead.row)) : null, idsIn("merged_leads"), idsIn("alias_conflicts"));
}

export const distinctAliases = ({ aliases }: Person): Alias[] => [
  ...new Map(aliases.map(({ kind, value }) => [aliasKey({ kind, value }), { kind, value }])).values(),
];

export function gainedAliases(known: Person | null, current: Person): Alias[] {
  const keys = new Set(known?.aliases.map(aliasKey));
  return distinctAliases(current).filter((alias) => !keys.has(aliasKey(alias)));
}

export function joinPersons(known: Person | null, current: Person): Person {
  if (known === null) return current;
  const union = (mine: readonly string[], more: readonly string[]) => [...new Set([...mine, ...more])];
  const written = ({ kind, value, raw }: LeadAlias) => JSON.stringify([kind, value, raw]);
  const keys = new Set(known.aliases.map(written));
  return {
    ids: union(known.ids, current.ids),
    aliases: [...known.aliases, ...current.aliases.filter((alias) => !keys.has(written(alias)))],
    shown: union(known.shown, current.shown),
    refused: union(known.refused, current.refused),
  };
}

/**
 * Loads a person, and plans to suppress those of its aliases that are not `known`. The statements roll back (CommitConflict) when the lead has changed
 * meanwhile, or goes elsewhere. Three D1 round trips. Throws not_found, gone (merged), conflict (its events are still moving after a merge).
 */
export async function planSuppression(
  ctx: Ctx,
  leadId: string,
  known: Person | null,
): Promise<{ found: Known; statements: Statement<never>[] }> {
  await requireNotMoving(ctx, leadId);
  const { lead, person } = await loadPerson(ctx, leadId);
  return {
    found: { lead_id: leadId, lead, person: joinPersons(known, person) },
    statements: [
      notMoving(ctx.db, [leadId]),
      leadIsAsLoaded(ctx.db, lead),
      ...withhold(ctx.db, gainedAliases(known, person), SUPPRESSED, ctx.now()),
    ],
  };
}
