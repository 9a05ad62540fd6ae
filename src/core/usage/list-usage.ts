/** What org units have used, by day. */
import type { z } from "zod";
import type { CallerCtx, UsageLog, UsageRow } from "../../context";
import type { ShardDb } from "../../db/client";
import { DAY_MS } from "../../time";
import { usageDay } from "../../usage";
import { invalidRequest, parseInput } from "../../validation";
import { requireOperator } from "../auth";
import { UsageSelection } from "./schemas";
import { findUnitNames, findUnitsOf, type UnitName } from "./store";

const PAGE_ROWS = 1_000;
const DEFAULT_DAYS = 30;

export type UnitUsage = Omit<UsageRow, "unit" | "day"> & { organization_id: string; unit_id: string; day: string };

/**
 * By day and unit, 1,000 a page: the last 30 days when no range is given. Leads and bytes are those that a unit had when it was last counted
 * on the day; of today, leads are counted now. For the operator alone. One call of a Durable Object; one D1 round trip, two for one
 * organization, and one for each database if today is on the page. Throws forbidden, invalid_request.
 */
export async function listUsage(
  ctx: CallerCtx,
  given: z.input<typeof UsageSelection>,
  { log, shards }: { log: UsageLog; shards: readonly ShardDb[] },
): Promise<{ usage: UnitUsage[]; next_cursor: string | null }> {
  requireOperator(ctx);
  const { organization_id, from, to, cursor } = parseInput(UsageSelection, given);
  const today = usageDay(ctx.now());
  const last = to === undefined ? today : dayOf(to);
  const first = from === undefined ? last - DEFAULT_DAYS + 1 : dayOf(from);
  if (first > last) throw invalidRequest([{ path: "from", message: "must not be after `to`" }]);
  const only = organization_id === undefined ? {} : { units: await findUnitsOf(ctx.directory, organization_id) };
  const found = await log.list({ first, last, ...only, after: cursor ?? null, limit: PAGE_ROWS + 1 });
  const rows = found.slice(0, PAGE_ROWS);
  const units = await findUnitNames(ctx.directory, [...new Set(rows.map(({ unit }) => unit))]);
  const counted = new Set(rows.filter(({ day }) => day === today).map(({ unit }) => unit));
  const leads = await countLeads(
    shards,
    [...units.values()].filter(({ unit }) => counted.has(unit)),
  );
  const end = rows.at(-1);
  return {
    usage: rows.flatMap(({ unit, day, ...row }) => {
      const name = units.get(unit);
      // a unit that is deleted by now
      if (!name) return [];
      const { organization_id, unit_id } = name;
      const now = day === today ? { leads: leads.get(unit) ?? 0 } : {};
      return [{ organization_id, unit_id, day: textOf(day), ...row, ...now }];
    }),
    next_cursor: found.length > PAGE_ROWS && end ? `${end.day}.${end.unit}` : null,
  };
}

const dayOf = (text: string): number => usageDay(Date.parse(`${text}T00:00:00Z`));
const textOf = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** Each unit in its own database: one that moves has rows in two. */
async function countLeads(shards: readonly ShardDb[], units: readonly UnitName[]): Promise<Map<number, number>> {
  const sql = `SELECT r.value AS unit, sum(c.leads) AS leads FROM json_each(?1) r CROSS JOIN lead_counts c ON c.unit = r.value GROUP BY r.value`;
  const found = await Promise.all(
    [...Map.groupBy(units, ({ shard }) => shard)].map(async ([shard, its]) =>
      shards[shard]?.all<{ unit: number; leads: number }>(sql, JSON.stringify(its.map(({ unit }) => unit))),
    ),
  );
  return new Map(found.flatMap((rows) => rows ?? []).map(({ unit, leads }) => [unit, leads]));
}
