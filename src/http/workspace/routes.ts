/** The five operations on leads as they are declared, for the workspace's path and for a chatbot's. */
import { z } from "@hono/zod-openapi";
import { jsonBody, jsonResponse } from "../route";
import { CREATE_EXAMPLE, DELETED_EXAMPLE, LEAD_EXAMPLE, LIST_EXAMPLE, UPDATE_EXAMPLE } from "./examples";
import { workspaceRoute } from "./route";
import { CreateLead, Deleted, dataOf, Lead, ListedLead, ListQuery, Pagination, UpdateLead } from "./schemas";

export type LeadsPath = "/api/v1/leads" | "/api/v1/chatbots/{chatbotId}/leads";

const tags = ["Workspace leads"];
const chatbotId = z.string().openapi({ example: "cb_1234567890abcdef" });
const leadId = z.string().openapi({ example: DELETED_EXAMPLE.data.id });

/** Any chatbot id is taken: chatbots are not ours to know. */
const paramsOf = (base: LeadsPath) => z.object(base === "/api/v1/leads" ? {} : { chatbotId });
const leadParamsOf = (base: LeadsPath) => paramsOf(base).extend({ leadId });
const operationIdOf = (base: LeadsPath, verb: string, noun: string) =>
  `${verb}${base === "/api/v1/leads" ? "Workspace" : "Chatbot"}${noun}`;
const NO_PATH = { 404: "No such path: a list itself is always there" };
const NO_LEAD = { 404: "No lead of this workspace has the id" };

export const createRoute = (base: LeadsPath) =>
  workspaceRoute(base, {
    operationId: operationIdOf(base, "create", "Lead"),
    stores: true,
    method: "post",
    tags,
    summary: "Create a lead",
    role: "editor",
    idempotent: true,
    request: { params: paramsOf(base), body: jsonBody(CreateLead, CREATE_EXAMPLE) },
    responses: { 201: jsonResponse("The lead", dataOf(Lead), LEAD_EXAMPLE) },
    errors: { ...NO_PATH, 409: "Another lead of the workspace has the email" },
  });

export const listRoute = (base: LeadsPath) =>
  workspaceRoute(base, {
    operationId: operationIdOf(base, "list", "Leads"),
    method: "get",
    tags,
    summary: "List leads, newest first",
    role: "viewer",
    request: { params: paramsOf(base), query: ListQuery },
    responses: {
      200: jsonResponse("A page of leads", dataOf(z.object({ leads: z.array(ListedLead), pagination: Pagination })), LIST_EXAMPLE),
    },
    errors: NO_PATH,
  });

export const getRoute = (base: LeadsPath) =>
  workspaceRoute(`${base}/{leadId}`, {
    operationId: operationIdOf(base, "get", "Lead"),
    method: "get",
    tags,
    summary: "Get a lead",
    role: "viewer",
    request: { params: leadParamsOf(base) },
    responses: { 200: jsonResponse("The lead", dataOf(Lead), LEAD_EXAMPLE) },
    errors: NO_LEAD,
  });

export const updateRoute = (base: LeadsPath) =>
  workspaceRoute(`${base}/{leadId}`, {
    operationId: operationIdOf(base, "update", "Lead"),
    stores: true,
    method: "put",
    tags,
    summary: "Update a lead",
    description:
      "Only what is sent changes. `metadata` is merged key by key, values are replaced whole; `null` clears a metadata key, `phone`, `source` or all `metadata`. A new email takes the place of the old one, which finds the lead no longer. Silent: no event is created.",
    role: "editor",
    request: { params: leadParamsOf(base), body: jsonBody(UpdateLead, UPDATE_EXAMPLE) },
    responses: { 200: jsonResponse("The lead as it is now", dataOf(Lead), LEAD_EXAMPLE) },
    errors: { ...NO_LEAD, 409: "A different lead of the workspace has the email" },
  });

export const deleteRoute = (base: LeadsPath) =>
  workspaceRoute(`${base}/{leadId}`, {
    operationId: operationIdOf(base, "delete", "Lead"),
    method: "delete",
    tags,
    summary: "Delete a lead for good",
    role: "editor",
    request: { params: leadParamsOf(base) },
    responses: { 200: jsonResponse("The lead is gone", Deleted, DELETED_EXAMPLE) },
    errors: NO_LEAD,
  });
