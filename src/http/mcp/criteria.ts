/** The criteria of the list of leads, under the same names, as a tool's input. */
import { z } from "@hono/zod-openapi";
import { RANGES } from "../../core/events";
import { LEAD_STATUSES, oneOf } from "../../vocabulary";

const text = (description: string) => z.string().optional().describe(description);
const number = (description: string) => z.number().optional().describe(description);
const choice = <const List extends readonly [string, ...string[]]>(list: List, description: string) =>
  z.enum(list, oneOf(list)).optional().describe(description);

export const CRITERIA_FIELDS = {
  q: text("Words of the name, an email or a domain"),
  status: choice(LEAD_STATUSES, "Status"),
  owner_id: text("Id of the owner"),
  account_id: text("Id of the account"),
  consent: text("Only leads that have granted this purpose, such as marketing"),
  has: choice(["email", "phone"], "Only leads with an alias of this kind"),
  min_score: number("Least score at this moment"),
  max_score: number("Highest score at this moment"),
  level: text("Id or name of an engagement level"),
  event_type: text("Type of the lead's last event"),
  last_active: choice(["7d", "30d"], "The last event is at most this old"),
  updated_since: text("Changed since this time, RFC 3339"),
  range: choice(RANGES, "Days of creation, in UTC"),
  segment: text("Id of a segment: its members"),
  filter: z.record(z.string(), z.unknown()).optional().describe("Rules as a segment has them"),
};

/** `attr.<key>` compares a value of the metadata. */
export const Scalar = z.union([z.string(), z.number(), z.boolean()], "must be a text, a number, true or false");
