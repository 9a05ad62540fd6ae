/** What the three kinds of trigger have in common over their own conditions; milestones and sequences share their change and trial too. */

import { z } from "@hono/zod-openapi";
import {
  type Condition,
  changeTrigger,
  createTrigger,
  deleteTrigger,
  listTriggers,
  requireTrigger,
  simulateOnHistory,
  simulateOnLead,
} from "../../core/triggers";
import { changesOf } from "../../schemas";
import type { TriggerKind } from "../../vocabulary";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter, type Router } from "../router";
import {
  destinationDefaults,
  destinationFields,
  SECRET_EXAMPLE,
  type Sent,
  SIMULATION_EXAMPLE,
  SimulationAnswer,
  SimulationBody,
  secretView,
  shownDestination,
  shownTimes,
  signingSecret,
  simulationView,
  splitTrigger,
  TRIGGERS_FULL,
  triggerName,
  triggerView,
} from "./trigger-schemas";

export type Wording = {
  kind: TriggerKind;
  path: "/triggers" | "/sequences" | "/surge-triggers";
  plural: "triggers" | "sequences" | "surge_triggers";
  /** fields of the condition, without what holds when they are left out */
  fields: z.ZodRawShape;
  /** the same with it */
  defaults: z.ZodRawShape;
  /** what sets it apart from the others, and the least that creates one */
  description: string;
  body: Record<string, unknown>;
  example: Record<string, unknown> & { id: string };
};

const TAGS = { milestone: ["Milestones"], sequence: ["Sequences"], surge: ["Surges"] };
export const commonFields = { name: triggerName, active: z.boolean() };

/** What the routes of a kind say alike. */
export function wordsOf({ kind, fields, example }: Wording) {
  return {
    tags: TAGS[kind],
    params: z.object({ id: z.string().openapi({ example: example.id }) }),
    errors: { 404: `No ${kind} has this id` },
    Shown: z.object({ id: z.string(), ...commonFields, ...fields, ...shownDestination, ...shownTimes }),
  };
}

/** List, create, get and delete. */
export function commonTriggerRoutes(of: Wording): Router {
  const { kind, path, plural, example } = of;
  const { tags, params, errors, Shown } = wordsOf(of);
  const Body = z.object({ ...commonFields, active: commonFields.active.default(true), ...of.defaults, ...destinationDefaults });

  const list = unitRoute(path, {
    method: "get",
    tags,
    summary: `List ${kind}s`,
    role: "viewer",
    responses: { 200: jsonResponse(`All ${kind}s`, z.object({ [plural]: z.array(Shown) }), { [plural]: [example] }) },
  });
  const create = unitRoute(path, {
    method: "post",
    tags,
    summary: `Create a ${kind}`,
    description: `${of.description} Events that came in before it do not fire it.`,
    role: "editor",
    request: { body: jsonBody(Body, of.body) },
    responses: { 201: jsonResponse(`The ${kind}`, Shown.extend(signingSecret), { ...example, ...SECRET_EXAMPLE }) },
    errors: TRIGGERS_FULL,
  });
  const get = unitRoute(`${path}/{id}`, {
    method: "get",
    tags,
    summary: `Get a ${kind}`,
    role: "viewer",
    request: { params },
    responses: { 200: jsonResponse(`The ${kind}`, Shown, example) },
    errors,
  });
  const remove = unitRoute(`${path}/{id}`, {
    method: "delete",
    tags,
    summary: `Delete a ${kind}`,
    description: "Its firings stay.",
    role: "editor",
    request: { params },
    responses: { 204: { description: "Deleted" } },
    errors,
  });
  return createRouter()
    .openapi(list, async (c) => c.json({ [plural]: (await listTriggers(c.get("ctx"), kind)).map(triggerView) } as never, 200))
    .openapi(create, async (c) => {
      const { name, active, destination, condition } = splitTrigger(c.req.valid("json") as unknown as Sent);
      const wanted = { name, active, destination, condition: { kind, ...condition } as Condition };
      const { trigger, signing_secret } = await createTrigger(c.get("ctx"), wanted);
      c.header("Cache-Control", "no-store");
      return c.json({ ...triggerView(trigger), ...secretView(signing_secret) } as never, 201);
    })
    .openapi(get, async (c) => c.json(triggerView(await requireTrigger(c.get("ctx"), kind, c.req.valid("param").id)) as never, 200))
    .openapi(remove, async (c) => {
      await deleteTrigger(c.get("ctx"), kind, c.req.valid("param").id);
      return c.body(null, 204);
    });
}

/** The same, with a change of everything and a trial on one lead or on history. */
export function triggerRoutes(of: Wording): Router {
  const { kind, path, example } = of;
  const { tags, params, errors, Shown } = wordsOf(of);
  const Changes = changesOf({ ...commonFields, ...of.fields, ...destinationFields });

  const change = unitRoute(`${path}/{id}`, {
    method: "put",
    tags,
    summary: `Change a ${kind}`,
    description: "Fields left out stay. With another condition, or switched on again, it looks at events that come in from then on.",
    role: "editor",
    request: { params, body: jsonBody(Changes, { active: false }) },
    responses: { 200: jsonResponse(`The ${kind}`, Shown.extend(signingSecret), { ...example, active: false }) },
    errors,
  });
  const simulate = unitRoute(`${path}/{id}/simulate`, {
    method: "post",
    tags,
    summary: `Try a ${kind} on events that are already there`,
    description: "Sends nothing and saves nothing.",
    role: "viewer",
    request: { params, body: jsonBody(SimulationBody, { days: 30 }) },
    responses: { 200: jsonResponse("What would have fired", SimulationAnswer, SIMULATION_EXAMPLE) },
    errors: { 404: `No ${kind} has this id, or no lead this lead_id` },
  });

  return commonTriggerRoutes(of)
    .openapi(change, async (c) => {
      const changes = splitTrigger(c.req.valid("json") as unknown as Partial<Sent>);
      const { trigger, signing_secret } = await changeTrigger(c.get("ctx"), kind, c.req.valid("param").id, changes);
      c.header("Cache-Control", "no-store");
      return c.json({ ...triggerView(trigger), ...secretView(signing_secret) } as never, 200);
    })
    .openapi(simulate, async (c) => {
      const { lead_id, days } = c.req.valid("json");
      const ctx = c.get("ctx");
      const trigger = await requireTrigger(ctx, kind, c.req.valid("param").id);
      const found = lead_id === undefined ? await simulateOnHistory(ctx, trigger, days) : await simulateOnLead(ctx, trigger, lead_id);
      return c.json(simulationView(found), 200);
    });
}
