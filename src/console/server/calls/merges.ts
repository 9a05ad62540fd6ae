/** Leads that are merged into one, and merges that are taken back. */
import { z } from "zod";
import { namedLead, publicLeadId } from "../../../core/leads";
import { MERGED_LEADS_MAX, type MergeResult, mergeLeads, previewMerge, type UnmergeResult, unmergeLeads } from "../../../core/merging";
import { read, write } from "../call";

const MergeWish = z.strictObject({
  target_id: z.string(),
  source_ids: z.array(z.string()).min(1).max(MERGED_LEADS_MAX),
});
const MergeChoice = MergeWish.extend({ account_id: z.string().optional() });

export const mergeCalls = {
  "leads.previewMerge": read(MergeWish, async (ctx, wish) => {
    const { events, aliases, target_events, target_score, source_scores, accounts } = await previewMerge(ctx, named(wish));
    return {
      events,
      aliases,
      target_events,
      target_score,
      sources: [...source_scores].map(([lead_id, score]) => ({ lead_id: publicLeadId(lead_id), score })),
      accounts: accounts.map(({ account_id, name }) => ({ account_id, name })),
    };
  }),
  "leads.merge": write(MergeChoice, async (ctx, { account_id, ...wish }, { remembering }) => {
    const choice = { ...named(wish), ...(account_id === undefined ? {} : { account_id }) };
    return merged(await mergeLeads(ctx, choice, remembering(merged)));
  }),
  "leads.unmerge": write(z.strictObject({ lead_id: z.string() }), async (ctx, { lead_id }, { remembering }) =>
    unmerged(await unmergeLeads(ctx, lead_id, remembering(unmerged))),
  ),
};

const named = ({ target_id, source_ids }: z.output<typeof MergeWish>) => ({
  target_id: namedLead(target_id),
  source_ids: source_ids.map(namedLead),
});

const merged = ({ merge_id, status, aliases_moved, events_total, events_moved }: MergeResult) => ({
  merge_id,
  status,
  aliases_moved,
  events_total,
  events_moved,
});

const unmerged = ({ merge_id, status, target_id, source_ids, kept, truncated }: UnmergeResult) => ({
  merge_id,
  status,
  target_id: publicLeadId(target_id),
  source_ids: source_ids.map(publicLeadId),
  /** what came after the merge and stays: a lower bound when `truncated` */
  kept: kept.length,
  truncated,
});
