/** Erases a person: every trace is removed, and only salted digests remain, which keep the person from being stored again. */
import type { Ctx } from "../../context";
import { CommitConflict, commitLoop, untilCommitted } from "../../db/commit";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import type { Remember } from "../idempotency";
import { LeadId, SUPPRESSED, selectLead, withhold } from "../leads";
import { selectDeletedLead } from "../undo";
import { eraseTraces } from "./erase-traces";
import type { Erased } from "./erase-unit";
import { finishErasure, type LeadErasureReceipt } from "./finish-erasure";
import { type LargeErasure, readErasure, requestErasure } from "./large-erasure";
import { selectIsLarge, selectRunningErasure } from "./large-store";
import { distinctAliases, findDeletedPerson, type Known, type Person, planSuppression } from "./person";
import { termsBeyond, termsOf } from "./traces";

type Options = {
  sign(receipt: object): Promise<string>;
  remember?: Remember<LeadErasureReceipt>;
  /** of an erasure that a job carries out */
  rememberRunning?: Remember<LargeErasure>;
};

/**
 * Erases a lead: suppresses its aliases, so that nothing recreates it meanwhile; removes its values from other tables and from the unit's
 * objects; and deletes what is stored under its id. Returns a signed receipt of what was removed, by table. After a crash the lead still
 * exists, and erasing it again continues; the receipt then counts only what was left. The same goes for a lead that a bulk deletion removed and
 * an undo would restore. A lead with more than 2,000 events is erased by a job: then this suppresses the aliases and returns the running
 * erasure, as does every further request for the same lead. About ten D1 round trips, nine more for each change of the lead meanwhile, and the
 * reading of the unit's objects.
 * Throws forbidden, invalid_request, not_found, gone (merged), conflict (its events are still moving after a merge), unavailable.
 */
export async function eraseLead(ctx: Ctx, leadId: string, options: Options): Promise<LeadErasureReceipt | LargeErasure> {
  const { sign, remember = () => [], rememberRunning = () => [] } = options;
  requireRole(ctx, "editor");
  const lead_id = parseInput(LeadId, leadId);
  const { deleted, running, isLarge } = await lookUp(ctx, lead_id);
  if (running) return running;
  if (isLarge) return requestErasure(ctx, lead_id, rememberRunning);
  const erased: Erased = { rows: {}, objects: 0 };
  const first = deleted ? await searchDeleted(ctx, lead_id, erased) : await search(ctx, lead_id, null, erased);
  return commitLoop<Known, LeadErasureReceipt>(first, async (known) => {
    const suppressed = distinctAliases(known.person).length;
    try {
      return { committed: await finishErasure(ctx, known, { erased, suppressed, sign, remember }) };
    } catch (error) {
      if (!(error instanceof CommitConflict)) throw error;
      return { changed: await search(ctx, lead_id, known.person, erased) };
    }
  });
}

type Found = {
  /** whether a bulk deletion removed the lead, and an undo would restore it */
  deleted: boolean;
  running: LargeErasure | null;
  isLarge: boolean;
};

async function lookUp({ db }: Ctx, leadId: string): Promise<Found> {
  const [[row], [journalled], [running], [size]] = await db.batch([
    selectLead(db, leadId),
    selectDeletedLead(db, leadId),
    selectRunningErasure(db, leadId),
    selectIsLarge(db, leadId),
  ]);
  return {
    deleted: !row && journalled !== undefined,
    running: running ? readErasure(running) : null,
    isLarge: size?.large === 1,
  };
}

/** Suppresses the aliases that are not `known` yet, and searches for them. */
async function search(ctx: Ctx, leadId: string, known: Person | null, erased: Erased): Promise<Known> {
  const found = await untilCommitted(async () => {
    const planned = await planSuppression(ctx, leadId, known);
    await ctx.db.batch(planned.statements);
    return planned.found;
  });
  const terms = termsBeyond(known, found.person);
  if (terms.length > 0) await eraseTraces(ctx, terms, erased);
  return found;
}

/** The same for a lead that only the undo journal has. */
async function searchDeleted(ctx: Ctx, leadId: string, erased: Erased): Promise<Known> {
  const person = await findDeletedPerson(ctx, leadId);
  const suppressions = withhold(ctx.db, distinctAliases(person), SUPPRESSED, ctx.now());
  if (suppressions.length > 0) await ctx.db.batch(suppressions);
  await eraseTraces(ctx, termsOf(person), erased);
  return { lead_id: leadId, lead: null, person };
}
