/** Which stored events a rule matches, within bounds on what is read. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { matchesFilters } from "./filters";
import type { TriedRule } from "./schemas";
import { type EventKey, selectMetadata } from "./trial-store";

export type MatchingEvent = { lead_id: string; at: number };

/** Metadata in total (about 100 ms of parsing), and in memory at once. */
const METADATA_BYTES_MAX = 10_000_000;
const METADATA_BYTES_PER_READ = 1_000_000;

/** `tried`: how many of the events were looked at, from the first on. No D1 round trip for a rule without filters; at most 11 with them. */
export async function matchEvents(
  ctx: Ctx,
  { attribute_filters }: Pick<z.output<typeof TriedRule>, "attribute_filters">,
  events: readonly EventKey[],
): Promise<{ tried: number; matching: MatchingEvent[] }> {
  if (attribute_filters.length === 0) return { tried: events.length, matching: events.map(({ lead_id, at }) => ({ lead_id, at })) };
  const pages = pagesOf(events);
  const matching: MatchingEvent[] = [];
  for (const page of pages) {
    for (const { lead_id, at, metadata } of await ctx.db.all(selectMetadata(ctx.db, page)))
      if (matchesFilters(attribute_filters, JSON.parse(metadata ?? "{}"))) matching.push({ lead_id, at });
  }
  return { tried: pages.flat().length, matching };
}

/** The first events whose metadata stays within the total, in pages of bounded size. */
function pagesOf(events: readonly EventKey[]): EventKey[][] {
  const pages: EventKey[][] = [];
  let [total, inPage] = [0, METADATA_BYTES_PER_READ];
  for (const event of events) {
    total += event.bytes;
    inPage += event.bytes;
    if (total > METADATA_BYTES_MAX) break;
    if (inPage > METADATA_BYTES_PER_READ || pages.length === 0) {
      pages.push([]);
      inPage = event.bytes;
    }
    pages.at(-1)?.push(event);
  }
  return pages;
}
