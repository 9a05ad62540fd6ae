/** Values that no lead of the org unit may have as an alias. */
import { z } from "@hono/zod-openapi";
import { allowValue, type BlockedValue, type BlockReport, blockValue, listBlockedValues } from "../../core/identity";
import { AliasInput } from "../../core/leads";
import { isoTimeOrNull } from "../../time";
import { ALIAS_KINDS } from "../../vocabulary";
import { remembering } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { wireLeadId } from "./adapter";
import { AliasKind, Timestamp } from "./schemas";

const tags = ["Merging"];

const BlockedView = z.object({
  kind: z.enum(ALIAS_KINDS),
  value: z.string(),
  default: z.boolean().openapi({ description: "Blocked in every org unit that does not allow it" }),
  active: z.boolean(),
  created_at: Timestamp.nullable(),
});
const EXAMPLE = {
  kind: "email" as const,
  value: "info@example.com",
  default: false,
  active: true,
  created_at: "2026-01-15T10:00:00.000Z",
};

const getValues = unitRoute("/identity/blocked-values", {
  operationId: "listBlockedValues",
  method: "get",
  tags,
  summary: "List blocked values",
  description: "The defaults, placeholders that software writes, and the org unit's own values. No lead has an active one as an alias.",
  role: "viewer",
  responses: { 200: jsonResponse("Blocked values", z.object({ blocked_values: z.array(BlockedView) }), { blocked_values: [EXAMPLE] }) },
});

const postValue = unitRoute("/identity/blocked-values", {
  operationId: "blockValue",
  method: "post",
  tags,
  summary: "Block a value",
  description:
    "From now on the value cannot become an alias, by any route. The lead that has it loses it, and conflicts about it are closed: `report` says so. A default that was allowed is blocked again.",
  role: "editor",
  idempotent: true,
  request: { body: jsonBody(AliasInput.extend({ kind: AliasKind }), { kind: "email", value: "info@example.com" }) },
  responses: {
    201: jsonResponse(
      "Blocked",
      BlockedView.extend({
        report: z.object({ removed_from: z.string().nullable(), conflicts_closed: z.number().int() }),
      }),
      { ...EXAMPLE, report: { removed_from: "ld_0193f3a2c7b07aa18000c0ffee123456", conflicts_closed: 3 } },
    ),
  },
});

const deleteValue = unitRoute("/identity/blocked-values/{kind}/{value}", {
  operationId: "allowValue",
  method: "delete",
  tags,
  summary: "Unblock a value",
  description: "A default stays in the list, inactive. Write the value percent-encoded.",
  role: "editor",
  request: { params: z.object({ kind: AliasKind, value: z.string().openapi({ example: "info@example.com" }) }) },
  responses: { 204: { description: "Allowed" } },
  errors: { 404: "The value is not blocked" },
});

export const blockedValues = createRouter()
  .openapi(getValues, async (c) => c.json({ blocked_values: (await listBlockedValues(c.get("ctx"))).map(view) }, 200))
  .openapi(postValue, async (c) => {
    const blocked = await blockValue(c.get("ctx"), c.req.valid("json"), remembering(c, 201, reported));
    return c.json(reported(blocked), 201);
  })
  .openapi(deleteValue, async (c) => {
    await allowValue(c.get("ctx"), c.req.valid("param"));
    return c.body(null, 204);
  });

const view = ({ kind, value, is_default, active, created_at }: BlockedValue) => ({
  kind,
  value,
  default: is_default,
  active,
  created_at: isoTimeOrNull(created_at),
});

const reported = (blocked: BlockedValue & BlockReport) => ({
  ...view(blocked),
  report: {
    removed_from: blocked.removed_from && wireLeadId(blocked.removed_from),
    conflicts_closed: blocked.conflicts_closed,
  },
});
