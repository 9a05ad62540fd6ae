/** Triggers of segments: a lead enters or leaves one, by whatever changes it or by the passing of time. */
import { CONDITION_FIELDS, NEW_CONDITION_FIELDS, type TriggerChanges, type TriggerInput } from "../../core/triggers";
import { changeableTriggerRoutes } from "./trigger-routes";
import { DESTINATION_EXAMPLE, newTrigger, savedTrigger, shownTrigger, TIMES_EXAMPLE, triggerChanges } from "./trigger-schemas";

const fields = CONDITION_FIELDS.segment;

export const segmentTriggers = changeableTriggerRoutes({
  kind: "segment",
  noun: "SegmentTrigger",
  words: "segment trigger",
  path: "/segment-triggers",
  plural: "segment_triggers",
  Body: newTrigger(NEW_CONDITION_FIELDS.segment).transform(
    ({ name, active, segment_id, on, ...destination }): TriggerInput => ({
      name,
      active,
      condition: { kind: "segment", segment_id, on },
      destination,
    }),
  ),
  Changes: triggerChanges(fields).transform(
    ({ name, active, segment_id, on, ...destination }): TriggerChanges => ({
      name,
      active,
      condition: { segment_id, on },
      destination,
    }),
  ),
  Shown: shownTrigger(fields),
  Saved: savedTrigger(fields),
  description:
    "Fires once each time a lead enters the segment, or leaves it: by an event, by a change of any kind, or by time alone where events leave a window or the score decays. Who is a member already, or becomes one by other rules, does not fire it.",
  body: {
    name: "Ready for sales",
    segment_id: "seg_0193f3a2c7b07aa18000c0ffee123456",
    on: "entered",
    webhook_url: "https://example.com/hook",
  },
  example: {
    id: "sgt_0193f3a2c7b07aa18000c0ffee123456",
    name: "Ready for sales",
    active: true,
    segment_id: "seg_0193f3a2c7b07aa18000c0ffee123456",
    on: "entered",
    ...DESTINATION_EXAMPLE,
    ...TIMES_EXAMPLE,
  },
});
