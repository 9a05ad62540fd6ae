import { z } from "zod";

export const MoveInput = z.strictObject({
  shard: z
    .int("must be a whole number")
    .min(0, "must not be negative")
    .meta({ description: "The database that the unit moves to: 0 is the first, `DB`; 1 is `DB_1`", example: 1 }),
});
