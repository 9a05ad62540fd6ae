/** An alias goes from one lead to another, because somebody decided so. */
import type { Ctx, Statement } from "../../context";
import { untilCommitted } from "../../db/commit";
import { AppError } from "../../errors";
import { requireRole } from "../auth";
import { type Alias, aliasKey } from "./aliases/alias";
import { moveAliases } from "./aliases/move-store";
import { closeConflict } from "./aliases/store";
import { changed, withAlias } from "./change-aliases";
import { noSuchLead } from "./find-lead";
import { ALIASES_PER_LEAD_MAX } from "./lead";
import { leadIsAsLoaded, readLead, selectLeadsById, updateLeadRow } from "./store";

/**
 * Moves an alias and the conflicts about it, and closes the one between the two leads. `more` is committed with it. Two D1 round trips, two
 * more for each writer that came first. Throws forbidden, not_found (a lead is gone), conflict (the alias is no longer there), too_large
 * (over 1,000 aliases), unavailable.
 */
export async function moveAlias(
  ctx: Ctx,
  { kind, value }: Alias,
  from: string,
  to: string,
  more: readonly Statement[] = [],
): Promise<void> {
  requireRole(ctx, "editor");
  await untilCommitted(async () => {
    const leads = new Map((await ctx.db.all(selectLeadsById(ctx.db, [from, to]))).map((row) => [row.lead_id, readLead(row)]));
    const [giver, taker] = [leads.get(from), leads.get(to)];
    if (!giver || !taker) throw noSuchLead();
    const alias = giver.aliases.find((own) => aliasKey(own) === aliasKey({ kind, value }));
    if (!alias) throw new AppError("conflict", "The alias is no longer with that lead");
    if (taker.aliases.length >= ALIASES_PER_LEAD_MAX) throw new AppError("too_large", `A lead has at most ${ALIASES_PER_LEAD_MAX} aliases`);
    const without = changed(ctx, giver, { ...giver, aliases: giver.aliases.filter((own) => own !== alias) });
    await ctx.db.batch<readonly Statement[]>([
      leadIsAsLoaded(ctx.db, giver),
      leadIsAsLoaded(ctx.db, taker),
      closeConflict(ctx.db, to, { kind, value }),
      ...moveAliases(ctx.db, from, to, [{ kind, value }]),
      ctx.db.sql("UPDATE aliases SET moved_from = NULL WHERE unit = ?1 AND kind = ?2 AND value = ?3", kind, value),
      ...updateLeadRow(ctx, giver, without),
      ...updateLeadRow(ctx, taker, changed(ctx, taker, withAlias(taker, alias, ctx.unit.default_region))),
      ...more,
    ]);
  });
}
