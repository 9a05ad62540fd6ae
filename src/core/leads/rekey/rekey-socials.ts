/**
 * Gives addresses of social profiles that were stored before they had one form that form: unit by unit, slice by slice, and once a week from the
 * start.
 */
import type { Ctx } from "../../../context";
import type { ShardDb } from "../../../db/client";
import { untilCommitted } from "../../../db/commit";
import { readPosition, writePosition } from "../../../db/sweep-position";
import { DAY_MS } from "../../../time";
import { requireOperator } from "../../auth";
import { readOwners } from "../aliases/store";
import { ownerStatements } from "../bulk-store";
import { planRekey, SOCIALS, valuesAfter } from "./plan-rekey";
import { readRekeyedLead, rekeyStatements, selectSocialLeads } from "./store";

/** Profiles with their leads that one commit holds. */
const SLICE_PROFILES = 200;
const JOB = "social_forms";
/** A unit that came from another database since, or from a backup, may have old forms again. */
const ROUND_MS = 7 * DAY_MS;

/** `after`: the address up to which the unit's profiles are done. */
export type SocialsPlace = { unit: number; after: string };
type Position = SocialsPlace | { ended_at: number };

/** Where the work continues in a database; null: the last round ended less than a week ago, or there is no profile. Up to two statements. */
export async function findSocialsPlace(db: ShardDb, now: number): Promise<SocialsPlace | null> {
  const position = await readPosition<Position>(db, JOB, { ended_at: 0 });
  if ("unit" in position) return position;
  return position.ended_at + ROUND_MS > now ? null : nextUnit(db, 0);
}

/** The place after a slice. `last`: the profile that it ended with; null: the unit's last. Two statements. */
export async function saveSocialsPlace(
  db: ShardDb,
  { unit }: SocialsPlace,
  last: string | null,
  now: number,
): Promise<SocialsPlace | null> {
  const next = last === null ? await nextUnit(db, unit) : { unit, after: last };
  await writePosition(db, JOB, next ?? { ended_at: now });
  return next;
}

/** The first unit after this one that has a profile; of very many without any, one of them. */
async function nextUnit(db: ShardDb, after: number): Promise<SocialsPlace | null> {
  const [row] = await db.all<{ unit: number | null }>(NEXT_UNIT, after);
  return row && row.unit !== null ? { unit: row.unit, after: "" } : null;
}

const FIRST_UNIT = "(SELECT min(a.unit) FROM aliases a WHERE a.unit >";
export const NEXT_UNIT = `WITH RECURSIVE units (unit, n) AS (
    SELECT ${FIRST_UNIT} ?1), 1
    UNION ALL SELECT ${FIRST_UNIT} u.unit), u.n + 1 FROM units u
    WHERE u.n < 500 AND NOT EXISTS (SELECT 1 FROM aliases s WHERE s.unit = u.unit AND s.kind = 'social') AND u.unit IS NOT NULL)
  SELECT unit FROM units ORDER BY n DESC LIMIT 1`;

/**
 * Gives the profiles that follow the address `after` their form. One that another lead has stays where it is, and the case is recorded. A slice
 * that is repeated changes nothing. One D1 round trip when nothing changes, else three; three more for each writer that came first.
 */
export async function rekeySocials(ctx: Ctx, after: string): Promise<{ last: string | null; leads: number; conflicts: number }> {
  requireOperator(ctx);
  return untilCommitted(async () => {
    const rows = await ctx.db.all(selectSocialLeads(ctx.db, after, SLICE_PROFILES));
    const leads = [...new Map(rows.map(({ value: _, ...row }) => [row.lead_id, readRekeyedLead(row)])).values()];
    const last = rows.length < SLICE_PROFILES ? null : (rows.at(-1)?.value ?? null);
    const wanted = valuesAfter(leads, SOCIALS);
    if (wanted.length === 0) return { last, leads: 0, conflicts: 0 };
    const owners = readOwners((await ctx.db.batch(ownerStatements(ctx.db, wanted))).flat());
    const plan = planRekey(leads, owners, SOCIALS);
    await ctx.db.batch(rekeyStatements(ctx, plan, { kind: SOCIALS.kind, source: "profile_form" }, ctx.now()));
    return { last, leads: plan.leads.length, conflicts: plan.conflicts.length };
  });
}
