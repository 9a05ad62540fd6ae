/** The five operations on leads, under the workspace's path and under a chatbot's: the same leads, the same handlers. */

import type { Context } from "hono";
import { deleteLead } from "../../core/erasure";
import { createLead, type Lead, listLeads, parseLeadId, requireLead, updateLead } from "../../core/leads";
import { AppError } from "../../errors";
import { isOneOf, LEAD_STATUSES } from "../../vocabulary";
import { remembering } from "../idempotency";
import { createRouter, type HttpEnv } from "../router";
import { leadNotFound } from "./adapter";
import { mergeInput, viewOf, wireLeadId } from "./lead-view";
import { createRoute, deleteRoute, getRoute, type LeadsPath, listRoute, updateRoute } from "./routes";
import { firstProblem } from "./schemas";

const OPTIONS = { onConflict: "refuse", source: "workspace" } as const;

/** The profile key of the chatbot that a lead was created through. */
const CHATBOT_KEY = "chatbot_id";

export const leads = createRouter(firstProblem);

for (const base of ["/api/v1/leads", "/api/v1/chatbots/{chatbotId}/leads"] satisfies LeadsPath[]) {
  leads
    .openapi(createRoute(base), async (c) => {
      const { email, phone, status, ...sent } = c.req.valid("json");
      const chatbotId = c.req.param("chatbotId");
      const profile = { ...mergeInput({}, sent), ...(chatbotId === undefined ? {} : { [CHATBOT_KEY]: chatbotId }) };
      const aliases = [{ kind: "email" as const, value: email }, ...(phone ? [{ kind: "phone" as const, value: phone }] : [])];
      const view = (lead: Lead) => ({ success: true as const, data: wholeView(c, lead) });
      const alsoWrite = remembering(c, 201, view);
      return c.json(view(await createLead(c.get("ctx"), { profile, aliases, status }, { ...OPTIONS, alsoWrite })), 201);
    })
    .openapi(listRoute(base), async (c) => {
      const { page, limit, status, source, search } = c.req.valid("query");
      const query = {
        page,
        limit,
        status: status && isOneOf(LEAD_STATUSES, status) ? status : undefined,
        source: source || undefined,
        search,
      };
      const { leads, total } = await listLeads(c.get("ctx"), query);
      const totalPages = Math.ceil(total / limit);
      const pagination = { page, limit, total, totalPages, hasNext: page < totalPages, hasPrev: page > 1 };
      return c.json({ success: true as const, data: { leads: leads.map(viewOf), pagination } }, 200);
    })
    .openapi(getRoute(base), async (c) => {
      const lead = await ofLead(c, (id) => requireLead(c.get("ctx"), id));
      return c.json({ success: true as const, data: wholeView(c, lead) }, 200);
    })
    .openapi(updateRoute(base), async (c) => {
      const { email, phone, status, ...sent } = c.req.valid("json");
      const plan = ({ profile }: Lead) => ({ change: { profile: mergeInput(profile, sent), email, phone, status }, result: null });
      const { lead } = await ofLead(c, (id) => updateLead(c.get("ctx"), id, plan, { ...OPTIONS, silent: true }));
      return c.json({ success: true as const, data: wholeView(c, lead) }, 200);
    })
    .openapi(deleteRoute(base), async (c) => {
      const id = await ofLead(c, async (lead_id) => {
        await deleteLead(c.get("ctx"), lead_id);
        return wireLeadId(lead_id);
      });
      const data = { id, deletedAt: new Date(c.get("ctx").now()).toISOString() };
      return c.json({ success: true as const, message: "Lead deleted successfully", data }, 200);
    });
}

const wholeView = (c: Context<HttpEnv>, lead: Lead) => ({ ...viewOf(lead), workspaceId: c.get("ctx").unit.workspace_id });

/** Runs a verb on the lead that the path names. A malformed id gets the same 404 as one that no lead has. */
async function ofLead<Result>(c: Context<HttpEnv>, verb: (leadId: string) => Promise<Result>): Promise<Result> {
  const wire = c.req.param("leadId") ?? "";
  const leadId = parseLeadId(wire);
  if (leadId === null) throw leadNotFound(wire);
  try {
    return await verb(leadId);
  } catch (error) {
    throw error instanceof AppError && error.code === "not_found" ? leadNotFound(wire) : error;
  }
}
