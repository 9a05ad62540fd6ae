/** Sequences (contract): a lead does several things within a window. */
import { CONDITION_FIELDS, NEW_CONDITION_FIELDS, type TriggerChanges, type TriggerInput } from "../../core/triggers";
import { simulatedTriggerRoutes } from "./trigger-routes";
import {
  DESTINATION_EXAMPLE,
  newTrigger,
  savedTrigger,
  shownTrigger,
  TIMES_EXAMPLE,
  TriggerFilter,
  triggerChanges,
} from "./trigger-schemas";

const fields = { ...CONDITION_FIELDS.sequence, filter: TriggerFilter };

export const sequences = simulatedTriggerRoutes({
  kind: "sequence",
  noun: "Sequence",
  path: "/sequences",
  plural: "sequences",
  Body: newTrigger({ ...NEW_CONDITION_FIELDS.sequence, filter: TriggerFilter }).transform(
    ({ name, active, event_types, window_seconds, window_unit, ordered, filter, ...destination }): TriggerInput => ({
      name,
      active,
      condition: { kind: "sequence", event_types, window_seconds, window_unit, ordered, filter },
      destination,
    }),
  ),
  Changes: triggerChanges(fields).transform(
    ({ name, active, event_types, window_seconds, window_unit, ordered, filter, ...destination }): TriggerChanges => ({
      name,
      active,
      condition: { event_types, window_seconds, window_unit, ordered, filter },
      destination,
    }),
  ),
  Shown: shownTrigger(fields),
  Saved: savedTrigger(fields),
  description: "Fires when a lead has done everything in event_types within the window.",
  body: {
    name: "Ready to buy",
    event_types: ["Page View", "Demo Request"],
    window_seconds: 86_400,
    webhook_url: "https://example.com/hook",
  },
  example: {
    id: "seq_0193f3a2c7b07aa18000c0ffee123456",
    name: "Ready to buy",
    active: true,
    event_types: ["Page View", "Demo Request"],
    window_seconds: 86_400,
    window_unit: null,
    ordered: false,
    ...DESTINATION_EXAMPLE,
    ...TIMES_EXAMPLE,
  },
});
