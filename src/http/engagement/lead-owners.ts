/** Owners of leads (contract: lead-owner). */
import { z } from "@hono/zod-openapi";
import { assignOwner, assignOwnerOf, BulkOwnerInput, namedLead, OwnerInput } from "../../core/leads";
import { pathLead } from "../middleware/merged-lead";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { LeadParams } from "./lead-views";

const tags = ["Leads"];
const LEAD = "ld_0193f3a2c7b07aa18000c0ffee123456";
const OWNER = { owner_id: "u_17", owner_name: "Sam Reyes" };
const DESCRIPTION = "The owner is a user of your own system: any id, and the name to show. `owner_id: null` takes the owner away.";

const Assigned = z.object({ status: z.literal("ok"), message: z.enum(["owner assigned", "owner unassigned"]) });
const EXAMPLE = { status: "ok" as const, message: "owner assigned" as const };

const postOwner = unitRoute("/leads/{leadId}/owner", {
  operationId: "assignOwner",
  method: "post",
  tags,
  summary: "Assign a lead to an owner",
  description: DESCRIPTION,
  role: "editor",
  request: { params: LeadParams, body: jsonBody(OwnerInput, OWNER) },
  responses: { 200: jsonResponse("Assigned", Assigned, EXAMPLE) },
  errors: { 404: "Lead not found" },
});

const bulkAssign = unitRoute("/leads/bulk-assign-owner", {
  operationId: "assignOwnerOfMany",
  method: "post",
  tags,
  summary: "Assign up to 500 leads to an owner",
  description: `${DESCRIPTION} Each id is returned in one of three lists; an id that no lead has does not stop the rest.`,
  role: "editor",
  request: { body: jsonBody(BulkOwnerInput, { lead_ids: [LEAD], ...OWNER }) },
  responses: {
    200: jsonResponse(
      "Assigned",
      Assigned.extend({ assigned: z.array(z.string()), unchanged: z.array(z.string()), not_found: z.array(z.string()) }),
      { ...EXAMPLE, assigned: [LEAD], unchanged: [], not_found: [] },
    ),
  },
});

const saying = (ownerId: string | null) => ({
  status: "ok" as const,
  message: ownerId === null ? ("owner unassigned" as const) : ("owner assigned" as const),
});

export const leadOwners = createRouter()
  .openapi(postOwner, async (c) => {
    const owner = c.req.valid("json");
    await assignOwnerOf(c.get("ctx"), namedLead(pathLead(c)), owner);
    return c.json(saying(owner.owner_id), 200);
  })
  .openapi(bulkAssign, async (c) => {
    const wanted = c.req.valid("json");
    return c.json({ ...saying(wanted.owner_id), ...(await assignOwner(c.get("ctx"), wanted)) }, 200);
  });
