/** Milestones (contract: triggers): a lead's score reaches a threshold. */
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

const fields = { ...CONDITION_FIELDS.milestone, filter: TriggerFilter };

export const milestones = simulatedTriggerRoutes({
  kind: "milestone",
  noun: "Milestone",
  path: "/triggers",
  plural: "triggers",
  Body: newTrigger({ ...NEW_CONDITION_FIELDS.milestone, filter: TriggerFilter }).transform(
    ({ name, active, score_threshold, event_type, fire_mode, cooldown_seconds, filter, ...destination }): TriggerInput => ({
      name,
      active,
      condition: { kind: "milestone", score_threshold, event_type, fire_mode, cooldown_seconds, filter },
      destination,
    }),
  ),
  Changes: triggerChanges(fields).transform(
    ({ name, active, score_threshold, event_type, fire_mode, cooldown_seconds, filter, ...destination }): TriggerChanges => ({
      name,
      active,
      condition: { score_threshold, event_type, fire_mode, cooldown_seconds, filter },
      destination,
    }),
  ),
  Shown: shownTrigger(fields),
  Saved: savedTrigger(fields),
  description: "Fires when a lead's score reaches the threshold.",
  body: { name: "Hot lead", score_threshold: 50, webhook_url: "https://example.com/hook" },
  example: {
    id: "trg_0193f3a2c7b07aa18000c0ffee123456",
    name: "Hot lead",
    active: true,
    score_threshold: 50,
    event_type: null,
    fire_mode: "once",
    cooldown_seconds: 0,
    ...DESTINATION_EXAMPLE,
    ...TIMES_EXAMPLE,
  },
});
