/** What a chunk's leads will fire once it is imported: triggers of segments that they enter or leave. An import makes no events. */
import type { Ctx } from "../../../context";
import type { NewAccount } from "../../accounts";
import { type Forecast, forecastFirings, forecastLimits, type WatchedSegments } from "../../memberships";
import type { CheckBudget, PlannedCheck, PlannedWrite } from "../../segments";
import type { ChunkPlan } from "../plan-chunk";
import { consentOrigin, splitPatch } from "../targets/targets";
import type { OverlaidLead, Overlay } from "./overlay";

/** For all chunks of one run. Stored leads are read whole, with up to 500 events for each condition on events. */
export const forecastBudget = (): CheckBudget => ({ bytes: 40_000_000, events: 100_000 });

/** What the chunks so far will fire, and why more or fewer may. */
export type Fired = Forecast & ReturnType<typeof forecastLimits>;

export const NOTHING_FIRED: Fired = { firings: 0, notifications: 0, unchecked: 0, reversed: 0, recording: false, sums_accounts: false };

export const addFired = (a: Fired, b: Fired): Fired => ({
  firings: a.firings + b.firings,
  notifications: a.notifications + b.notifications,
  unchecked: a.unchecked + b.unchecked,
  reversed: a.reversed + b.reversed,
  recording: a.recording || b.recording,
  sums_accounts: a.sums_accounts || b.sums_accounts,
});

/** Why a plan's firings are not exact, in sentences. */
export function inexactBecause({ unchecked, reversed, recording, sums_accounts }: Fired): string[] {
  return [
    ...(unchecked > 0 ? [`${unchecked} leads were not checked: there are too many`] : []),
    ...(reversed > 0 ? [`${reversed} leads are changed by rows far apart: they may enter and leave a segment in between`] : []),
    ...(recording ? ["The members of a segment are still being recorded: a lead that is not recorded yet fires nothing"] : []),
    ...(sums_accounts
      ? ["A segment adds up the scores of accounts: the plan uses today's scores, and other leads of an account may enter or leave, too"]
      : []),
  ];
}

export type Watching = { segments: WatchedSegments } & Pick<PlannedCheck, "budget" | "hasRoom">;

/** The leads that a chunk changes, as the chunks before it leave them. Call it before the overlay applies the chunk. */
export const leadsBefore = ({ updates }: ChunkPlan, overlay: Overlay): ReadonlyMap<string, OverlaidLead> =>
  new Map(
    updates.flatMap(({ lead_id }) => {
      const lead = overlay.lead(lead_id);
      return lead ? [[lead_id, lead] as const] : [];
    }),
  );

type Around = { before: ReadonlyMap<string, OverlaidLead>; overlay: Overlay; accounts: readonly NewAccount[] };

/** Call it after the overlay has applied the chunk. As many D1 round trips as `forecastFirings`, none where no segment is watched. */
export async function forecastChunk(
  ctx: Ctx,
  watching: Watching | null,
  { inserts, updates }: ChunkPlan,
  { before, overlay, accounts }: Around,
): Promise<Fired> {
  if (!watching || inserts.length + updates.length === 0) return NOTHING_FIRED;
  const { segments, budget, hasRoom } = watching;
  const newAccounts = new Map(accounts.map(({ account_id, ...account }) => [account_id, account]));
  const writeOf = (lead_id: string, lead: OverlaidLead) => plannedWrite(lead_id, lead, ctx.now());
  const forecast = await forecastFirings(
    ctx,
    segments,
    [
      ...inserts.map((planned) => ({ write: { isNew: true, planned }, earlier: null })),
      ...updates.map((planned) => {
        const [was, is] = [before.get(planned.lead_id), overlay.lead(planned.lead_id)];
        if (!was || !is) return { write: { isNew: false, planned }, earlier: null };
        return { write: writeOf(planned.lead_id, is), earlier: writeOf(planned.lead_id, was) };
      }),
    ],
    { budget, newAccounts, hasRoom },
  );
  return { ...forecast, ...forecastLimits(segments) };
}

function plannedWrite(lead_id: string, { isNew, profile, aliases }: OverlaidLead, now: number): PlannedWrite {
  const { profile: own, fields } = splitPatch(profile, consentOrigin(undefined, now));
  return { isNew, planned: { lead_id, profile: Object.fromEntries(own), aliases, ...(fields ? { fields } : {}) } };
}
