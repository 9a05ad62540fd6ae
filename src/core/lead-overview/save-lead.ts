import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { LeadMerged, writeLead } from "../leads";
import { type LeadOverview, requireLeadOverview } from "./overview";

const TRIES_MAX = 5;

type Written = Awaited<ReturnType<typeof writeLead>>;

/**
 * Writes one lead as `writeLead` of the leads does, and returns it as it is then. Where somebody deletes or merges it before it is read, the
 * write is repeated: its aliases may name another lead by now, or nobody. Two D1 round trips more than the write. Throws what `writeLead` throws.
 */
export async function saveLead(
  ctx: Ctx,
  given: Parameters<typeof writeLead>[1],
  source: string,
): Promise<{ written: Written; overview: LeadOverview }> {
  for (let tries = 1; ; tries++) {
    const written = await writeLead(ctx, given, source);
    try {
      return { written, overview: await requireLeadOverview(ctx, written.lead_id) };
    } catch (error) {
      if (!isGone(error) || tries === TRIES_MAX) throw error;
    }
  }
}

const isGone = (error: unknown): boolean => error instanceof LeadMerged || (error instanceof AppError && error.code === "not_found");
