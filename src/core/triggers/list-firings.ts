import type { Ctx } from "../../context";
import { invalidRequest } from "../../validation";
import type { TriggerKind } from "../../vocabulary";
import {
  BEFORE_ALL_FIRINGS,
  countFirings,
  type FiringFilter,
  type FiringPageRow,
  type FiringPlace,
  selectFiringPage,
  selectFiringsEnd,
} from "./firing-list-store";
import { firingId } from "./firings";

export type ShownFiring = {
  firing_id: string;
  kind: TriggerKind;
  trigger_id: string;
  trigger_name: string;
  lead_id: string;
  score: number;
  event_id: string;
  event_type: string;
  fired_at: number;
};

export type FiringPage = {
  firings: ShownFiring[];
  /** of the newest 10,000 firings; `at_least`: there are more, which may match too */
  total: number;
  at_least: boolean;
  /** null at the end of the list; a page may end before it is full */
  next_cursor: string | null;
};

/** Firings that one page goes through. */
const FIRINGS_PER_PAGE = 10_000;
const CURSOR_PREFIX = "fc1_";

/**
 * Newest first; `page` counts from the cursor. A page goes through 10,000 firings: where few of them match, it ends early, with a cursor that
 * continues. One D1 round trip. Throws invalid_request for a foreign cursor.
 */
export async function listFirings(
  ctx: Ctx,
  { cursor, ...filter }: FiringFilter & { cursor?: string | undefined },
  page: number,
  limit: number,
): Promise<FiringPage> {
  const after = cursor === undefined ? BEFORE_ALL_FIRINGS : readCursor(cursor);
  const [rows, [counted], [end, further]] = await ctx.db.batch([
    selectFiringPage(ctx.db, filter, after, { firings: FIRINGS_PER_PAGE, limit: limit + 1, offset: (page - 1) * limit }),
    countFirings(ctx.db, filter, FIRINGS_PER_PAGE + 1),
    selectFiringsEnd(ctx.db, after, FIRINGS_PER_PAGE),
  ]);
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : further && end;
  return {
    firings: shown.map(({ n, ...row }) => ({ ...row, firing_id: firingId(row.trigger_id, row.lead_id, n) })),
    total: Math.min(counted?.matching ?? 0, FIRINGS_PER_PAGE),
    at_least: (counted?.scanned ?? 0) > FIRINGS_PER_PAGE,
    next_cursor: last ? writeCursor(last) : null,
  };
}

const writeCursor = ({ fired_at, lead_id, trigger_id, n }: FiringPlace | FiringPageRow): string =>
  `${CURSOR_PREFIX}${fired_at}_${lead_id}_${n}_${trigger_id}`;

function readCursor(cursor: string): FiringPlace {
  const [, fired_at, lead_id, n, trigger_id] = /^fc1_(-?\d{1,16})_([0-9a-f]{32})_(\d{1,15})_(\w{1,64})$/.exec(cursor) ?? [];
  if (!lead_id || !trigger_id) throw invalidRequest([{ path: "cursor", message: "must be a cursor that a page returned" }]);
  return { fired_at: Number(fired_at), lead_id, trigger_id, n: Number(n) };
}
