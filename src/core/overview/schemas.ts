/** What the verbs of this part take. */
import { z } from "zod";

const OVERVIEW_DAYS = [7, 30, 90] as const;

export const OverviewInput = z.strictObject({ days: z.literal(OVERVIEW_DAYS, `must be one of: ${OVERVIEW_DAYS.join(", ")}`) });
