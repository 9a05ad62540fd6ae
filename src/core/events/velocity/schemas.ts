/** What the verbs of velocity filters accept. */
import { z } from "zod";
import { changesOf, shortText, wholeNumber } from "../../../schemas";
import { DAY_MS } from "../../../time";
import { EVENT_TYPE_CHARS_MAX } from "../event";

const THRESHOLD_MAX = 1_000;
const WINDOW_MS_MIN = 1_000;
const WINDOW_MS_MAX = 30 * DAY_MS;

export const VELOCITY_FILTER_FIELDS = {
  event_type: shortText(EVENT_TYPE_CHARS_MAX),
  threshold: wholeNumber(1, THRESHOLD_MAX).meta({ description: "Events of a lead within the window that still count" }),
  window_ms: wholeNumber(WINDOW_MS_MIN, WINDOW_MS_MAX).meta({ description: "Length of the rolling window in milliseconds" }),
  keep_first: z.boolean().meta({ description: "The burst counts as one visit: later events are grouped with its first" }),
  active: z.boolean(),
};

export const NewVelocityFilter = z.object({
  ...VELOCITY_FILTER_FIELDS,
  keep_first: VELOCITY_FILTER_FIELDS.keep_first.default(false),
  active: VELOCITY_FILTER_FIELDS.active.default(true),
});
export const VelocityFilterChange = changesOf(VELOCITY_FILTER_FIELDS);
