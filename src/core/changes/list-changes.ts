import type { z } from "zod";
import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { DAY_MS } from "../../time";
import { parseInput } from "../../validation";
import { type FeedChange, placed, readFeedChange } from "./change";
import { ChangesInput } from "./schemas";
import { type FeedPosition, selectBounds, selectPage, selectSince } from "./store";

/** How long a cursor stays valid. */
const RESUMABLE_MS = 7 * DAY_MS;

export type ChangesPage = { changes: FeedChange[]; cursor: string; has_more: boolean };

/**
 * The unit's changes of leads in the order of their commits, each at least once: from the cursor on, or from the oldest of the last seven
 * days. The cursor of an empty page is good for the next call. One D1 round trip, two without a cursor.
 * Throws invalid_request, gone (a cursor whose next change is older than seven days).
 */
export async function listChanges(ctx: Ctx, given: z.input<typeof ChangesInput>): Promise<ChangesPage> {
  const { limit, cursor } = parseInput(ChangesInput, given);
  const oldestKept = ctx.now() - RESUMABLE_MS;
  const from = cursor ?? { seq: (await ctx.db.all(selectSince(ctx.db, oldestKept)))[0]?.seq ?? 0, done: 0 };
  const [[bounds], rows] = await ctx.db.batch([selectBounds(ctx.db), selectPage(ctx.db, from, limit + 1)]);
  const removed = from.seq > 0 && from.seq < (bounds?.oldest ?? 0);
  if (cursor && (removed || (rows[0]?.at ?? oldestKept) < oldestKept)) throw expired();
  const page = placed(rows.slice(0, limit), from);
  const last = page.at(-1);
  const next: FeedPosition = last ? { seq: last.row.seq, done: last.place + 1 } : from;
  return {
    changes: page.map(({ row, place }) => readFeedChange(row, place)),
    cursor: `ch1_${next.seq}_${next.done}`,
    has_more: rows.length > limit,
  };
}

const expired = (): AppError =>
  new AppError("gone", "The cursor has expired: changes after it are older than 7 days. Read the leads again, then begin without a cursor");
