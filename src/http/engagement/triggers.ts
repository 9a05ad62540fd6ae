/** The routes of each kind of trigger. */
import type { TriggerKind } from "../../vocabulary";
import type { Router } from "../router";
import { milestones } from "./milestones";
import { segmentTriggers } from "./segment-triggers";
import { sequences } from "./sequences";
import { surges } from "./surges";

export const triggerRoutes: Record<TriggerKind, Router> = {
  milestone: milestones,
  sequence: sequences,
  surge: surges,
  segment: segmentTriggers,
};
