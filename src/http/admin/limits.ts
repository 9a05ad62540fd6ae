/** The quotas of an org unit, by the operator. */
import { z } from "@hono/zod-openapi";
import { changeLimits, type Limits, LimitsChange, requireLimits } from "../../core/org-units";
import { QUOTA_DEFAULTS, QUOTA_NAMES, type QuotaName } from "../../quotas";
import { adminRoute, jsonBody, jsonResponse } from "../route";
import { createRouter } from "../router";
import { operator } from "./operator";

const PATH = "/admin/organizations/{organization_id}/org-units/{unit_id}/limits";
const params = z.object({
  organization_id: z.string().openapi({ example: "org_0193f3a2c7b07aa18000c0ffee123456" }),
  unit_id: z.string().openapi({ example: "unit_default" }),
});

const values = Object.fromEntries(QUOTA_NAMES.map((name) => [name, z.number().int()])) as Record<QuotaName, z.ZodNumber>;
const LimitsView = z.object({
  organization_id: z.string(),
  unit_id: z.string(),
  ...values,
  defaults: z.array(z.enum(QUOTA_NAMES)).openapi({ description: "The quotas that have their default" }),
});
const EXAMPLE = {
  organization_id: "org_0193f3a2c7b07aa18000c0ffee123456",
  unit_id: "unit_default",
  ...QUOTA_DEFAULTS,
  leads: 100_000,
  defaults: QUOTA_NAMES.filter((name) => name !== "leads"),
};
const responses = { 200: jsonResponse("Every quota with the value that holds", LimitsView, EXAMPLE) };

const getLimits = adminRoute(PATH, {
  operationId: "getLimits",
  method: "get",
  tags: ["Admin"],
  summary: "Get the quotas of an org unit",
  request: { params },
  responses,
});

const putLimits = adminRoute(PATH, {
  operationId: "setLimits",
  method: "put",
  tags: ["Admin"],
  summary: "Set quotas of an org unit",
  description: "Replaces the quotas that are named; `null` restores the default. It applies everywhere within 30 seconds.",
  request: { params, body: jsonBody(LimitsChange, { leads: 100_000, events_per_day: null }) },
  responses,
});

export const limits = createRouter()
  .openapi(getLimits, async (c) => {
    const at = c.req.valid("param");
    return c.json(limitsView(at, await requireLimits(operator(c), at.organization_id, at.unit_id)), 200);
  })
  .openapi(putLimits, async (c) => {
    const at = c.req.valid("param");
    return c.json(limitsView(at, await changeLimits(operator(c), at.organization_id, at.unit_id, c.req.valid("json"))), 200);
  });

const limitsView = ({ organization_id, unit_id }: z.output<typeof params>, { values, defaults }: Limits) => ({
  organization_id,
  unit_id,
  ...values,
  defaults,
});
