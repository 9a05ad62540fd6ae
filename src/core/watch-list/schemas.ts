/** What the verbs of the watch list take. */
import { z } from "zod";
import { shortText } from "../../schemas";

const PREDICTION_CHARS_MAX = 200;
const NOTES_CHARS_MAX = 5_000;

export const WatchInput = z.object({
  prediction: shortText(PREDICTION_CHARS_MAX).nullish(),
  prediction_notes: shortText(NOTES_CHARS_MAX).nullish(),
});
