import { z } from "zod";

const DAY = "must be a day such as 2026-01-31";
/** A day in UTC; of a time, its day as it is written. */
const Day = z
  .string(DAY)
  .transform((text) => text.slice(0, 10))
  .pipe(z.iso.date(DAY));

/** Days, both inclusive. */
export const UsageSelection = z.object({
  organization_id: z.string().optional(),
  from: Day.optional(),
  to: Day.optional(),
  cursor: z
    .string()
    .regex(/^\d{1,9}\.\d{1,12}$/, "must be the `next_cursor` of a page")
    .transform((text) => text.split(".").map(Number) as unknown as readonly [day: number, unit: number])
    .optional(),
});
