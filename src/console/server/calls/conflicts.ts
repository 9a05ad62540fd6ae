/** Cases in which two leads were given one alias, and how people decide them. */
import { z } from "zod";
import { CONFLICT_ACTIONS, type Conflict, countConflicts, listConflicts, reopenConflict, resolveConflict } from "../../../core/identity";
import { namedLead } from "../../../core/leads";
import { read, write } from "../call";
import { sideView } from "../side-view";

const PAGE_CONFLICTS = 25;
const OneConflict = z.strictObject({ conflict_id: z.string() });
const Decision = OneConflict.extend({
  action: z.enum(CONFLICT_ACTIONS),
  /** of a merge: which of the two survives */
  target_id: z.string().optional(),
  account_id: z.string().optional(),
});

export const conflictCalls = {
  "conflicts.count": read(z.strictObject({}), (ctx) => countConflicts(ctx)),
  "conflicts.list": read(z.strictObject({ cursor: z.string().optional() }), async (ctx, given) => {
    const { conflicts, next_cursor } = await listConflicts(ctx, { ...given, limit: PAGE_CONFLICTS });
    return { conflicts: conflicts.map(conflictView), next_cursor };
  }),
  "conflicts.resolve": write(Decision, async (ctx, { conflict_id, target_id, ...decision }, { remembering }) => {
    const wish = { ...decision, target_id: target_id === undefined ? undefined : namedLead(target_id) };
    return resolved(await resolveConflict(ctx, conflict_id, wish, remembering(resolved)));
  }),
  /** Takes back that two leads are kept apart. */
  "conflicts.reopen": write(OneConflict, async (ctx, { conflict_id }) => {
    await reopenConflict(ctx, conflict_id);
    return {};
  }),
};

const resolved = ({ conflict_id, merge }: Awaited<ReturnType<typeof resolveConflict>>) => ({
  conflict_id,
  merge: merge && { status: merge.status },
});

const conflictView = ({ conflict_id, kind, value, source, created_at, lead, owner }: Conflict) => ({
  conflict_id,
  kind,
  value,
  source,
  created_at,
  lead: lead && sideView(lead),
  owner: owner && sideView(owner),
});
