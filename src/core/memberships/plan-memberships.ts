/** Which leads enter and leave the watched segments, and which triggers that fires. Pure. */

import type { SegmentMove } from "../../vocabulary";
import type { CheckedLead } from "../segments";
import type { Trigger } from "../triggers";

/** A segment whose members are stored. */
export type Watch = { segment_id: string; since: number; scan_after: string | null };

/** Why a lead is checked: it changed, its time has come, or nothing happened to it and its membership is recorded. */
export type Cause = "changed" | "silently changed" | "scanned";

export type PlannedMember = { segment_id: string; lead_id: string; member: boolean; due_at: number | null };
export type NewFiring = {
  lead_id: string;
  trigger_id: string;
  trigger: Trigger;
  /** counted from 1 for the lead and the trigger */
  n: number;
  event_id: "";
  event_type: string;
  at: number;
  score: number;
};
export type PlannedMemberships = { written: PlannedMember[]; removed: PlannedMember[]; firings: NewFiring[] };

export type MembershipState = {
  watches: readonly Watch[];
  triggers: readonly Trigger[];
  causes: ReadonlyMap<string, Cause>;
  /** of the leads that exist; `matched` is in the order of `watches` */
  checked: readonly CheckedLead[];
  stored: readonly PlannedMember[];
  /** how often each trigger has fired for each lead, by `keyOf` */
  fired: ReadonlyMap<string, number>;
  now: number;
};

export const keyOf = (owner: string, leadId: string): string => `${owner}:${leadId}`;

const EVENT_TYPES: Record<SegmentMove, string> = { entered: "Segment Entered", left: "Segment Left" };

/** A lead that no longer exists has left nothing: its rows are removed, and so are those of a segment that is not watched any more. */
export function planMemberships(state: MembershipState): PlannedMemberships {
  const { watches, causes, checked, now } = state;
  const stored = new Map(state.stored.map((row) => [keyOf(row.segment_id, row.lead_id), row]));
  const plan: PlannedMemberships = { written: [], removed: [], firings: [] };
  const existing = new Set(checked.map(({ lead }) => lead.lead_id));
  const watched = new Set(watches.map(({ segment_id }) => segment_id));
  plan.removed.push(...state.stored.filter(({ lead_id, segment_id }) => !existing.has(lead_id) || !watched.has(segment_id)));
  for (const { lead, score, matched } of checked) {
    const { lead_id, created_at } = lead;
    const cause = causes.get(lead_id) ?? "scanned";
    for (const [place, watch] of watches.entries()) {
      const found = matched[place];
      const known = isRecorded(watch, lead_id, created_at);
      // a scan is only for the segments that have not recorded the lead yet
      if (!found || (cause === "scanned" && known)) continue;
      const before = stored.get(keyOf(watch.segment_id, lead_id));
      const after = { segment_id: watch.segment_id, lead_id, member: found.matches, due_at: found.next };
      writeMember(plan, before, after);
      const changed = (before?.member ?? false) !== after.member;
      if (changed && known && cause === "changed")
        plan.firings.push(...firingsOf(state, after, { at: now, score: score.score, on: after.member ? "entered" : "left" }));
    }
  }
  return plan;
}

/** Whether it is known if the lead was a member before: leads that are older than the rules are recorded by a scan, in the order of their ids. */
const isRecorded = ({ since, scan_after }: Watch, leadId: string, createdAt: number): boolean =>
  scan_after === null || leadId <= scan_after || createdAt >= since;

function writeMember({ written, removed }: PlannedMemberships, before: PlannedMember | undefined, after: PlannedMember): void {
  if (!after.member && after.due_at === null) {
    if (before) removed.push(before);
  } else if (before?.member !== after.member || before.due_at !== after.due_at) written.push(after);
}

type Moved = { at: number; score: number; on: SegmentMove };

const firingsOf = ({ triggers, fired }: MembershipState, { segment_id, lead_id }: PlannedMember, { at, score, on }: Moved): NewFiring[] =>
  triggers
    .filter(({ condition }) => condition.kind === "segment" && condition.segment_id === segment_id && condition.on === on)
    .map((trigger) => ({
      lead_id,
      trigger_id: trigger.trigger_id,
      trigger,
      n: (fired.get(keyOf(trigger.trigger_id, lead_id)) ?? 0) + 1,
      event_id: "",
      event_type: EVENT_TYPES[on],
      at,
      score,
    }));
