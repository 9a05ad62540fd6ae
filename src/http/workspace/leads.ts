/** The five operations on leads (seed 004), under the workspace's path and under a chatbot's: the same leads, the same handlers. */
import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { createLead, deleteLead, isLeadStatus, listLeads, requireLead, type Lead as StoredLead, updateLead } from "../../core/leads";
import { AppError } from "../../errors";
import { jsonBody, jsonResponse } from "../route";
import { createRouter, type HttpEnv, type Router } from "../router";
import { leadNotFound, validationError } from "./errors";
import { parseLeadId } from "./lead-id";
import { profileAfter, viewOf } from "./lead-view";
import { workspaceRoute } from "./route";
import { CreateLead, firstProblem, Lead, ListedLead, ListQuery, Pagination, UpdateLead } from "./schemas";

const SOURCE = "workspace";
/** Where a lead keeps the chatbot it was created through. */
const CHATBOT_KEY = "chatbot_id";

const NOT_FOUND = "No lead of this workspace has the id";

function mount(router: Router, base: "/api/v1/leads" | "/api/v1/chatbots/{chatbotId}/leads", chatbot: Record<string, z.ZodString>): void {
  const params = z.object(chatbot);
  const leadParams = z.object({ ...chatbot, leadId: z.string().openapi({ example: EXAMPLE.id }) });
  const tags = ["Workspace leads"];
  router
    .openapi(
      workspaceRoute(base, {
        method: "post",
        tags,
        summary: "Create a lead",
        role: "editor",
        request: { params, body: jsonBody(CreateLead, CREATE_EXAMPLE) },
        responses: { 201: jsonResponse("The lead", dataOf(Lead), { success: true, data: EXAMPLE }) },
        errors: { 404: "No such path", 409: "Another lead of the workspace has the email" },
      }),
      async (c) => {
        const { name, email, phone, source, status, metadata } = c.req.valid("json");
        const profile = profileAfter({}, { name, source, metadata });
        const chatbotId = c.req.param("chatbotId");
        if (chatbotId !== undefined) profile[CHATBOT_KEY] = chatbotId;
        const aliases = [{ kind: "email" as const, value: email }, ...(phone ? [{ kind: "phone" as const, value: phone }] : [])];
        const lead = await inFields(() => createLead(c.get("ctx"), { profile, aliases, status, onConflict: "refuse", source: SOURCE }));
        return c.json({ success: true as const, data: wholeView(c, lead) }, 201);
      },
    )
    .openapi(
      workspaceRoute(base, {
        method: "get",
        tags,
        summary: "List leads, newest first",
        role: "viewer",
        request: { params, query: ListQuery },
        responses: {
          200: jsonResponse("A page of leads", dataOf(z.object({ leads: z.array(ListedLead), pagination: Pagination })), LIST_EXAMPLE),
        },
        errors: { 404: "No such path" },
      }),
      async (c) => {
        const { page, limit, status, source, search } = c.req.valid("query");
        const query = { page, limit, status: status && isLeadStatus(status) ? status : undefined, source: source || undefined, search };
        const { leads, total } = await listLeads(c.get("ctx"), query);
        const totalPages = Math.ceil(total / limit);
        const pagination = { page, limit, total, totalPages, hasNext: page < totalPages, hasPrev: page > 1 };
        return c.json({ success: true as const, data: { leads: leads.map(viewOf), pagination } }, 200);
      },
    )
    .openapi(
      workspaceRoute(`${base}/{leadId}`, {
        method: "get",
        tags,
        summary: "Get a lead",
        role: "viewer",
        request: { params: leadParams },
        responses: { 200: jsonResponse("The lead", dataOf(Lead), { success: true, data: EXAMPLE }) },
        errors: { 404: NOT_FOUND },
      }),
      async (c) => {
        const lead = await ofLead(c, (id) => requireLead(c.get("ctx"), id));
        return c.json({ success: true as const, data: wholeView(c, lead) }, 200);
      },
    )
    .openapi(
      workspaceRoute(`${base}/{leadId}`, {
        method: "put",
        tags,
        summary: "Update a lead",
        description:
          "Only what is sent changes. `metadata` is merged key by key, values are replaced whole; `null` clears a metadata key, `phone`, `source` or all `metadata`. A new email takes the place of the old one, which finds the lead no longer. Silent: no event is created.",
        role: "editor",
        request: { params: leadParams, body: jsonBody(UpdateLead, UPDATE_EXAMPLE) },
        responses: { 200: jsonResponse("The lead as it is now", dataOf(Lead), { success: true, data: EXAMPLE }) },
        errors: { 404: NOT_FOUND, 409: "A different lead of the workspace has the email" },
      }),
      async (c) => {
        const { name, email, phone, source, status, metadata } = c.req.valid("json");
        const change = (lead: StoredLead) => ({ profile: profileAfter(lead.profile, { name, source, metadata }), email, phone, status });
        const lead = await ofLead(c, (id) => updateLead(c.get("ctx"), id, change, { onConflict: "refuse", source: SOURCE }));
        return c.json({ success: true as const, data: wholeView(c, lead) }, 200);
      },
    )
    .openapi(
      workspaceRoute(`${base}/{leadId}`, {
        method: "delete",
        tags,
        summary: "Delete a lead for good",
        role: "editor",
        request: { params: leadParams },
        responses: { 200: jsonResponse("The lead is gone", Deleted, DELETED_EXAMPLE) },
        errors: { 404: NOT_FOUND },
      }),
      async (c) => {
        const { now } = c.get("ctx");
        await ofLead(c, (id) => deleteLead(c.get("ctx"), id));
        const data = { id: c.req.param("leadId") ?? "", deletedAt: new Date(now()).toISOString() };
        return c.json({ success: true as const, message: "Lead deleted successfully", data }, 200);
      },
    );
}

const wholeView = (c: Context<HttpEnv>, lead: StoredLead) => ({ ...viewOf(lead), workspaceId: c.get("ctx").unit.workspace_id });

/** Runs a verb on the lead that the path names; what no lead can have is as unknown as what none has. */
async function ofLead<Result>(c: Context<HttpEnv>, verb: (leadId: string) => Promise<Result>): Promise<Result> {
  const wire = c.req.param("leadId") ?? "";
  const leadId = parseLeadId(wire);
  if (leadId === null) throw leadNotFound(wire);
  try {
    return await inFields(() => verb(leadId));
  } catch (error) {
    throw error instanceof AppError && error.code === "not_found" ? leadNotFound(wire) : error;
  }
}

/** What the core finds wrong with a profile's key is wrong with a metadata key here. */
async function inFields<Result>(verb: () => Promise<Result>): Promise<Result> {
  try {
    return await verb();
  } catch (error) {
    const problem = error instanceof AppError && error.code === "invalid_request" ? error.problems[0] : undefined;
    if (!problem) throw error;
    throw validationError(["email", "phone"].includes(problem.path) ? problem.path : `metadata.${problem.path}`, null, problem.message);
  }
}

const dataOf = <Data extends z.ZodType>(data: Data) => z.object({ success: z.literal(true), data });
const Deleted = z.object({
  success: z.literal(true),
  message: z.string(),
  data: z.object({ id: z.string(), deletedAt: z.string().openapi({ format: "date-time" }) }),
});

const CREATE_EXAMPLE = {
  name: "John Doe",
  email: "john.doe@example.com",
  phone: "+1-555-123-4567",
  source: "website",
  metadata: { company: "Tech Corp", interests: ["enterprise_solution"] },
};
const UPDATE_EXAMPLE = { status: "contacted", metadata: { notes: "Follow up scheduled for next week" } };
const LISTED_EXAMPLE = {
  id: "lead_0193f3a2c7b07aa18000c0ffee123456",
  ...CREATE_EXAMPLE,
  status: "new",
  createdAt: "2026-01-15T10:30:00.000Z",
  updatedAt: "2026-01-15T10:30:00.000Z",
};
const EXAMPLE = { ...LISTED_EXAMPLE, workspaceId: "ws_0193f3a2c7b07aa18000c0ffee123456" };
const LIST_EXAMPLE = {
  success: true,
  data: { leads: [LISTED_EXAMPLE], pagination: { page: 1, limit: 10, total: 25, totalPages: 3, hasNext: true, hasPrev: false } },
};
const DELETED_EXAMPLE = {
  success: true,
  message: "Lead deleted successfully",
  data: { id: LISTED_EXAMPLE.id, deletedAt: "2026-01-16T14:30:00.000Z" },
};

export const leads = createRouter(firstProblem);
mount(leads, "/api/v1/leads", {});
mount(leads, "/api/v1/chatbots/{chatbotId}/leads", { chatbotId: z.string().openapi({ example: "cb_1234567890abcdef" }) });
