/** Leads that may be one person: found by a word of the name or by a shared alias, scored, never merged automatically. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { queryGroups } from "../../db/batch";
import { parseInput } from "../../validation";
import { type Lead, leadEmail, leadName, readLead, requireLead, searchTerms, selectLeadsById } from "../leads";
import { type ConflictRow, readCursor } from "./conflict";
import { DuplicateListInput } from "./schemas";
import { LIKELY, type PairScore, scorePair } from "./score-pair";
import { selectConflicts, selectNewestLeads, selectRefusedOf, selectSharing } from "./store";

export type Duplicate = PairScore & { lead: Lead; other: Lead };
export type DuplicatePage = { duplicates: Duplicate[]; next_cursor: string | null };

/** Older leads that a lead is compared with. */
const COMPARED_MAX = 30;
/** Conflicts of a page's leads that are looked at. */
const REFUSED_MAX = 1_000;
/** Sorts after every lead id. */
const BEFORE_ALL = "g";

/**
 * Compares the next leads, newest first, with older ones. `limit` is the number of leads that are compared: a page shows the pairs that
 * are likely, which may be none, and its cursor continues. Three D1 round trips, at most 1,500 leads read a page. Throws invalid_request.
 */
export async function listDuplicates(ctx: Ctx, given: z.input<typeof DuplicateListInput>): Promise<DuplicatePage> {
  const { limit, cursor } = parseInput(DuplicateListInput, given);
  const leads = (await ctx.db.all(selectNewestLeads(ctx.db, cursor ?? BEFORE_ALL, limit))).map(readLead);
  if (leads.length === 0) return { duplicates: [], next_cursor: null };
  const rows = await queryGroups(ctx.db, {
    sharing: [selectSharing(ctx.db, wordsOf(leads), COMPARED_MAX)],
    refused: [
      selectRefusedOf(
        ctx.db,
        leads.map(({ lead_id }) => lead_id),
        REFUSED_MAX,
      ),
    ],
  });
  const last = leads.at(-1);
  return {
    duplicates: await likelyPairs(ctx, leads, rows.sharing, rows.refused),
    next_cursor: leads.length === limit && last ? last.lead_id : null,
  };
}

/**
 * Compares one lead with others, older and newer. Each pair has it as its `lead`; the likeliest is first. Three D1 round trips, and one for
 * the lead; at most 61 leads and those of its conflicts are read. Throws not_found.
 */
export async function duplicatesOfLead(ctx: Ctx, leadId: string): Promise<Duplicate[]> {
  const lead = await requireLead(ctx, leadId);
  const { lead_id } = lead;
  const words = wordsOf([lead]).map(([, spellings]): [string, string[]] => [BEFORE_ALL, spellings]);
  const rows = await queryGroups(ctx.db, {
    sharing: [selectSharing(ctx.db, words, COMPARED_MAX + 1)],
    refused: [selectConflicts(ctx.db, { lead_id }, readCursor(undefined), REFUSED_MAX)],
  });
  const sharing = rows.sharing.filter((row) => row.lead_id !== lead_id).map((row) => ({ of_lead: lead_id, lead_id: row.lead_id }));
  const pairs = await likelyPairs(ctx, [lead], sharing, rows.refused);
  return pairs.map((pair) => (pair.lead.lead_id === lead_id ? pair : { ...pair, lead: pair.other, other: pair.lead }));
}

type Sharing = { of_lead: string; lead_id: string };
type Refused = Pick<ConflictRow, "kind" | "lead_id" | "owner_lead_id" | "kept_apart_at">;

/** Those that are likely and that nobody keeps apart, the likeliest first. At most one D1 round trip. */
async function likelyPairs(
  ctx: Ctx,
  leads: readonly Lead[],
  sharing: readonly Sharing[],
  refused: readonly Refused[],
): Promise<Duplicate[]> {
  const pairs = new Map<string, { a: string; b: string; shared: Set<string>; apart: boolean }>();
  const pairOf = (a: string, b: string) => {
    const key = [a, b].sort().join();
    const pair = pairs.get(key) ?? { a, b, shared: new Set<string>(), apart: false };
    pairs.set(key, pair);
    return pair;
  };
  for (const { of_lead, lead_id } of sharing) pairOf(of_lead, lead_id);
  for (const { kind, lead_id, owner_lead_id, kept_apart_at } of refused) {
    const pair = pairOf(lead_id, owner_lead_id);
    pair.shared.add(kind);
    pair.apart ||= kept_apart_at !== null;
  }
  const known = await loadOthers(ctx, leads, [...pairs.values()]);
  const duplicates = [...pairs.values()].flatMap(({ a, b, shared, apart }) => {
    const [lead, other] = [known.get(a), known.get(b)];
    if (!lead || !other || apart) return [];
    const scored = scorePair(lead, other, shared);
    return scored.score >= LIKELY ? [{ ...scored, lead, other }] : [];
  });
  return duplicates.sort((x, y) => y.score - x.score);
}

async function loadOthers(ctx: Ctx, leads: readonly Lead[], pairs: readonly { a: string; b: string }[]): Promise<Map<string, Lead>> {
  const known = new Map(leads.map((lead) => [lead.lead_id, lead]));
  const others = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))].filter((id) => !known.has(id));
  const rows = others.length === 0 ? [] : await ctx.db.all(selectLeadsById(ctx.db, others));
  for (const row of rows) known.set(row.lead_id, readLead(row));
  return known;
}

/** The longest word of each lead's name and that of its address: the rarest, as a rule. */
const wordsOf = (leads: readonly Lead[]): [string, string[]][] =>
  leads.flatMap((lead) => {
    const local = (leadEmail(lead) ?? "").split("@")[0]?.replace(/\+.*$/, "").replaceAll(/[._-]/g, " ") ?? "";
    const terms = [searchTerms(leadName(lead.profile) ?? "")[0], searchTerms(local)[0]];
    return terms.flatMap((term): [string, string[]][] => (term ? [[lead.lead_id, term.spellings]] : []));
  });
