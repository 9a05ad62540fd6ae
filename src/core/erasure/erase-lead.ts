/** Erases a person: every trace is removed, and only salted digests remain, which keep the person from being stored again. */
import type { Ctx, Statement } from "../../context";
import { CommitConflict, commitLoop, untilCommitted } from "../../db/commit";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import type { Remember } from "../idempotency";
import { type Lead, LeadId, readLead, SUPPRESSED, selectLead, withhold } from "../leads";
import { erasesOf as erasesOfUndo, selectDeletedLead } from "../undo";
import { add, eraseTraces } from "./erase-traces";
import type { Erased } from "./erase-unit";
import { aliasPairs, finishErasure, forgetDeleted, type LeadErasureReceipt } from "./finish-erasure";
import { type LargeErasure, readErasure, requestErasure } from "./large-erasure";
import { selectIsLarge, selectRunningErasure } from "./large-store";
import { distinctAliases, type Known, type Person, personOf, planSuppression } from "./person";
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
 * exists, and erasing it again continues; the receipt then counts only what was left. A lead with more than 2,000 events is erased by a
 * job: then this suppresses the aliases and returns the running erasure, as does every further request for the same lead. About ten D1 round
 * trips, nine more for each change of the lead meanwhile, and the reading of the unit's objects.
 * Throws forbidden, invalid_request, not_found, gone (merged), conflict (its events are still moving after a merge), unavailable.
 */
export async function eraseLead(ctx: Ctx, leadId: string, options: Options): Promise<LeadErasureReceipt | LargeErasure> {
  const { sign, remember = () => [], rememberRunning = () => [] } = options;
  requireRole(ctx, "editor");
  const lead_id = parseInput(LeadId, leadId);
  const { deleted, running, isLarge } = await lookUp(ctx, lead_id);
  if (deleted) return eraseDeleted(ctx, deleted, { sign, remember });
  if (running) return running;
  if (isLarge) return requestErasure(ctx, lead_id, rememberRunning);
  const erased: Erased = { rows: {}, objects: 0 };
  return commitLoop<Known, LeadErasureReceipt>(await search(ctx, lead_id, null, erased), async (known) => {
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
  /** read from the undo journal: a bulk deletion removed the lead, and an undo would restore it */
  deleted: Lead | null;
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
    deleted: row || !journalled ? null : readLead(JSON.parse(journalled.row)),
    running: running ? readErasure(running) : null,
    isLarge: size?.large === 1,
  };
}

async function eraseDeleted(
  ctx: Ctx,
  lead: Lead,
  { sign, remember = () => [] }: Pick<Options, "sign" | "remember">,
): Promise<LeadErasureReceipt> {
  const { db } = ctx;
  const person = personOf(lead.lead_id, lead);
  const aliases = distinctAliases(person);
  await db.batch<readonly Statement[]>(withhold(db, aliases, SUPPRESSED, ctx.now()));
  const erased: Erased = { rows: {}, objects: 0 };
  await eraseTraces(ctx, termsOf(person), erased);
  await forgetDeleted(ctx, aliasPairs(person), erased);
  add(erased, "undo_journal", 1);
  const facts = { lead_id: lead.lead_id, erased_at: ctx.now(), ...erased, suppressed: aliases.length };
  const receipt = { ...facts, signature: await sign(facts) };
  await db.batch<readonly Statement[]>([...erasesOfUndo(db, lead.lead_id), ...remember(receipt)]);
  return receipt;
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
