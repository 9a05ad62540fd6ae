/** The filters of the list of leads as parameters of a query. */
import type { z } from "@hono/zod-openapi";
import { CRITERIA } from "../../core/lead-overview";

const number = (schema: z.ZodType, description: string) => schema.openapi({ type: "number", description });

/** The values of the same filters as JSON, by name, `attr.<key>` among them: in the document, as of an object. */
export const CRITERIA_VALUES: {
  properties: { filter: { type: "object"; description: string } };
  additionalProperties: { type: ["string", "number", "boolean"] };
} = {
  properties: { filter: { type: "object", description: "Rules as a segment has them" } },
  additionalProperties: { type: ["string", "number", "boolean"] },
};

export const LeadFilterQuery = {
  ...CRITERIA,
  q: CRITERIA.q.openapi({ description: "Words of the name, an email or a domain" }),
  min_score: number(CRITERIA.min_score, "Least score at this moment") as typeof CRITERIA.min_score,
  max_score: number(CRITERIA.max_score, "Highest score at this moment") as typeof CRITERIA.max_score,
  level: CRITERIA.level.openapi({ description: "Id or name of an engagement level" }),
  consent: CRITERIA.consent.openapi({ description: "Only leads that have granted this purpose", example: "marketing" }),
  event_type: CRITERIA.event_type.openapi({ description: "Type of the lead's last event" }),
  updated_since: CRITERIA.updated_since.openapi({ type: "string", format: "date-time", example: "2026-01-15T10:00:00Z" }),
  segment: CRITERIA.segment.openapi({ description: "Id of a segment: its members" }),
  filter: CRITERIA.filter.meta({ contentMediaType: "application/json" }).openapi({
    type: "string",
    description: "Rules as a segment has them, as JSON; in a saved filter and in other bodies an object",
    example: '{"type":"lead_metadata","field":"plan","operator":"equals","value":"pro"}',
  }) as typeof CRITERIA.filter,
  range: CRITERIA.range.openapi({ description: "Days of creation, in UTC" }),
};
