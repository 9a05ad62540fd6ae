/** Gives stored addresses of social profiles the form that new ones have: a few slices a tick, as the work is never urgent. */
import { findSocialsPlace, rekeySocials, type SocialsPlace, saveSocialsPlace } from "../core/leads";
import { logError, logLine } from "../log";
import { openSystem } from "../open-context";
import type { StatementBudget } from "../statement-budget";
import { shardsWithRoom } from "./shards-with-room";

/** In each database, at most. */
const STATEMENTS = 60;
const SLICES_PER_TICK = 3;

export async function rekeyOldSocials(env: Env, budget: StatementBudget): Promise<void> {
  for await (const { db } of shardsWithRoom(env, budget, STATEMENTS)) {
    let place = await findSocialsPlace(db, Date.now());
    for (let slice = 0; place && slice < SLICES_PER_TICK; slice++) {
      const last = await rekeySlice(env, place, budget);
      place = await saveSocialsPlace(db, place, last, Date.now());
    }
  }
}

/** Null: the unit is done. One that cannot be opened waits for the next round. */
async function rekeySlice(env: Env, { unit, after }: SocialsPlace, budget: StatementBudget): Promise<string | null> {
  try {
    const ctx = budget.counted(await openSystem(env, unit, `rekey-socials-${unit}`));
    const { last, ...done } = await rekeySocials(ctx, after);
    if (done.leads + done.conflicts > 0) logLine({ level: "info", message: "addresses of social profiles rewritten", unit, ...done });
    return last;
  } catch (error) {
    logError("addresses of social profiles not rewritten", error, { unit });
    return null;
  }
}
