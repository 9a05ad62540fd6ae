/** The one operation as OpenAPI: its bodies by action, its responses, its errors, and what was decided where the contract is silent. */
import { z } from "@hono/zod-openapi";
import { KEY_PARAMETER, REPLAYED_RESPONSE_HEADERS } from "../idempotency-document";
import type { Router } from "../router";
import {
  CREATE_EXAMPLE,
  ERROR_EXAMPLES,
  EXTERNAL_EXAMPLE,
  LEAD_ID_EXAMPLE,
  PURCHASE_EXAMPLE,
  UPDATE_EXAMPLE,
  WHOLE_LEAD_EXAMPLE,
} from "./examples";
import { Response } from "./responses";
import {
  CreateLead,
  CreatePurchase,
  GetChannels,
  GetLeadById,
  GetLeadByLegacyId,
  GetLeads,
  LeadExternal,
  UpdateLead,
  UpdateStatus,
  UpdateStatusId,
} from "./schemas";

const DESCRIPTION = `
Every call is this one POST; \`action\` picks what it does, and the other fields stand beside it. A JSON body is read whatever its Content-Type
says. Success is always 200. Errors are \`{"error": "…"}\`. A key sees the channels in which its organization's company is creator, partner,
referring or receiving company; a home org unit of the key plays no part. A key with the role viewer may only read.

Where the contract is silent:

- An archived channel is not accessible, nor are its leads. A channel id that nobody has is 403, a lead id that no channel has is 404.
- \`null\` clears a standard field, and so does an empty \`email\` or \`phone\`; on creation both mean none.
- An unknown or missing \`action\` is a 400 that lists the known ones, after the key has been checked.
- A field of the wrong type is a 400 that names it. What an action does not know is passed over: \`update_lead\` takes no \`status\`.
- Of two \`properties\` entries for one definition the last wins; over 10,000 in a call are a 400. Values of one lead take at most 256 KB, its
  other fields as much, since a hundred leads are returned at once: more is 413, and nothing is saved. \`invalid\` holds each refused entry
  with its \`index\` and its \`reason\`, long values cut. \`create_lead\` and \`lead_external\` judge \`properties\` by the same rules.
- An email or phone that another lead of the home unit has stays there; this lead shows it, and the conflict is recorded.
- \`get_channels\` shows the definitions that are active: those that take values.
- \`get_leads\`: an active definition without a value is null; a definition named like a field of the lead hides nothing.
- \`get_lead_by_legacy_id\`: of leads of several org units that have the id, the oldest. It carries \`employee\` beside \`referring_employee\`.
  A lead of a channel has the \`legacy_id\` that its profile was given last, by an import or any API, unless another lead of its unit has it.
- Setting the status that a lead has changes nothing and fires nothing.
- \`purchase_amount\` lies between -1e12 and 1e12; \`product_name\` has at most 1,000 characters, \`product_description\` 100,000.
- \`trigger_ids\`: one that is no active purchase trigger of the channel is a 400; an empty list rewards nothing.
- A percentage is rounded to a minor unit of the currency (ISO 4217), half away from zero.
- \`lead_external\` needs no key and is limited to 30 calls a minute for each channel and address, an IPv6 network of 64 bits being one address, bodies to 8 KB.
- With an \`Idempotency-Key\`, a call that creates, moves or pays happens once: see the header.
- Webhooks are signed (Standard Webhooks): \`channel.new_lead\`, \`channel.status_update\`. There are no in-app notifications.
`.trim();

const KEY_DESCRIPTION = `${KEY_PARAMETER.description}. For create_lead, update_status, update_status_id, create_purchase and lead_external; \
update_lead can be repeated without one`;

const LEAD = { lead_id: LEAD_ID_EXAMPLE };

/** Named, so that the document can map each `action` to its schema. */
const Request = z
  .discriminatedUnion("action", [
    UpdateLead.openapi("PartnerUpdateLead", { example: UPDATE_EXAMPLE }),
    GetChannels.openapi("PartnerGetChannels", { example: { action: "get_channels" } }),
    GetLeads.openapi("PartnerGetLeads", { example: { action: "get_leads", channel_id: CREATE_EXAMPLE.channel_id } }),
    GetLeadById.openapi("PartnerGetLeadById", { example: { action: "get_lead_by_id", ...LEAD } }),
    GetLeadByLegacyId.openapi("PartnerGetLeadByLegacyId", { example: { action: "get_lead_by_legacy_id", legacy_id: 12345 } }),
    CreateLead.openapi("PartnerCreateLead", { example: CREATE_EXAMPLE }),
    UpdateStatus.openapi("PartnerUpdateStatus", { example: { action: "update_status", ...LEAD, status: "Qualified" } }),
    UpdateStatusId.openapi("PartnerUpdateStatusId", {
      example: { action: "update_status_id", ...LEAD, status_id: WHOLE_LEAD_EXAMPLE.lead_status_id },
    }),
    CreatePurchase.openapi("PartnerCreatePurchase", { example: PURCHASE_EXAMPLE }),
    LeadExternal.openapi("PartnerLeadExternal", { example: EXTERNAL_EXAMPLE }),
  ])
  .openapi({ description: "By `action`" });

const ErrorBody = z
  .object({ error: z.string(), invalid: z.array(z.record(z.string(), z.unknown())).optional() })
  .openapi("PartnerError", { description: "`invalid`: the properties that were refused, each with its `reason`" });

const errorResponses = Object.fromEntries(
  Object.entries(ERROR_EXAMPLES).map(([status, { description, response }]) => [
    status,
    { description, content: { "application/json": { schema: ErrorBody, example: response } } },
  ]),
);

export function describeOperation(router: Router, path: string, operationId: string): void {
  router.openAPIRegistry.registerComponent("securitySchemes", "PartnerKey", {
    type: "apiKey",
    in: "header",
    name: "X-Api-Key",
    description: "A partner key; lead_external needs none",
  });
  router.openAPIRegistry.registerPath({
    operationId,
    method: "post",
    path,
    tags: ["Partner"],
    summary: "Channels and their leads, by action",
    description: DESCRIPTION,
    security: [{ PartnerKey: [] }, {}],
    parameters: [{ ...KEY_PARAMETER, description: KEY_DESCRIPTION }],
    request: { body: { required: true, content: { "application/json": { schema: Request, example: UPDATE_EXAMPLE } } } },
    responses: {
      200: {
        description: "What the action returns",
        headers: REPLAYED_RESPONSE_HEADERS,
        content: { "application/json": { schema: Response, example: { lead: WHOLE_LEAD_EXAMPLE } } },
      },
      ...errorResponses,
    },
  });
}
