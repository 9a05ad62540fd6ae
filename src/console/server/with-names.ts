import type { Ctx } from "../../context";
import { namesOfLeads, publicLeadId } from "../../core/leads";

/** Samples of leads as pages show them: with the lead's public id and its name. One D1 round trip. */
export async function withNames<Sample extends { lead_id: string }>(
  ctx: Ctx,
  samples: readonly Sample[],
): Promise<(Sample & { name: string | null })[]> {
  const names = await namesOfLeads(
    ctx,
    samples.map(({ lead_id }) => lead_id),
  );
  return samples.map((sample) => ({ ...sample, lead_id: publicLeadId(sample.lead_id), name: names.get(sample.lead_id) ?? null }));
}
