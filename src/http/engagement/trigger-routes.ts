/** The routes that all kinds of trigger share over their own conditions; those of changes and simulations are shared by some kinds. */

import { z } from "@hono/zod-openapi";
import {
  changeTrigger,
  createTrigger,
  deleteTrigger,
  listTriggers,
  requireTrigger,
  type SavedTrigger,
  simulateOnHistory,
  simulateOnLead,
  type TriggerChanges,
  type TriggerInput,
} from "../../core/triggers";
import type { TriggerKind } from "../../vocabulary";
import { remembering, withoutSecret } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter, type Router } from "../router";
import {
  SECRET_EXAMPLE,
  SIMULATION_EXAMPLE,
  SimulationAnswer,
  SimulationBody,
  secretView,
  simulationView,
  type TriggerView,
  triggerView,
} from "./trigger-schemas";

export type TriggerKindSpec = {
  kind: TriggerKind;
  /** in names of operations */
  noun: "Milestone" | "Sequence" | "Surge" | "SegmentTrigger";
  path: "/triggers" | "/sequences" | "/surge-triggers" | "/segment-triggers";
  plural: "triggers" | "sequences" | "surge_triggers" | "segment_triggers";
  /** in texts and in the tag; the kind where it is left out */
  words?: string;
  /** a new trigger as it is sent */
  Body: z.ZodType<TriggerInput>;
  Shown: z.ZodType<TriggerView>;
  /** one that may come with the signing secret of a new webhook */
  Saved: z.ZodType<TriggerView & { signing_secret?: string | undefined; secret_notice?: string | undefined }>;
  /** what sets the kind apart from the others */
  description: string;
  /** a minimal body */
  body: Record<string, unknown>;
  example: TriggerView;
};

/** A kind of which everything may be changed. */
export type ChangeableKindSpec = TriggerKindSpec & { Changes: z.ZodType<TriggerChanges> };

/** What the routes of a kind have in common. */
export const sharedParts = ({ kind, example, words = kind }: Pick<TriggerKindSpec, "kind" | "words" | "example">) => ({
  tags: [`${words[0]?.toUpperCase()}${words.slice(1)}s`],
  words,
  params: z.object({ id: z.string().openapi({ example: example.id }) }),
  errors: { 404: `No ${words} has this id` },
});

/** List, create, get and delete. */
export function commonTriggerRoutes(spec: TriggerKindSpec): Router {
  const { kind, noun, path, plural, Body, Shown, Saved, example } = spec;
  const { tags, words, params, errors } = sharedParts(spec);

  const list = unitRoute(path, {
    operationId: `list${noun}s`,
    method: "get",
    tags,
    summary: `List ${words}s`,
    role: "viewer",
    responses: { 200: jsonResponse(`All ${words}s`, z.object({ [plural]: z.array(Shown) }), { [plural]: [example] }) },
  });
  const create = unitRoute(path, {
    operationId: `create${noun}`,
    method: "post",
    tags,
    summary: `Create a ${words}`,
    idempotent: true,
    description: `${spec.description} Events received before its creation do not fire it.`,
    role: "editor",
    request: { body: jsonBody(Body, spec.body) },
    responses: { 201: jsonResponse(`The ${words}`, Saved, { ...example, ...SECRET_EXAMPLE }) },
    errors: { 409: "The org unit has 200 triggers of all kinds already" },
  });
  const get = unitRoute(`${path}/{id}`, {
    operationId: `get${noun}`,
    method: "get",
    tags,
    summary: `Get a ${words}`,
    role: "viewer",
    request: { params },
    responses: { 200: jsonResponse(`The ${words}`, Shown, example) },
    errors,
  });
  const remove = unitRoute(`${path}/{id}`, {
    operationId: `delete${noun}`,
    method: "delete",
    tags,
    summary: `Delete a ${words}`,
    description: "Its firings stay.",
    role: "editor",
    request: { params },
    responses: { 204: { description: "Deleted" } },
    errors,
  });
  return createRouter()
    .openapi(list, async (c) => c.json({ [plural]: (await listTriggers(c.get("ctx"), kind)).map(triggerView) }, 200))
    .openapi(create, async (c) => {
      const view = ({ trigger, signing_secret }: SavedTrigger) => ({ ...triggerView(trigger), ...secretView(signing_secret) });
      const remember = remembering(c, 201, (saved: SavedTrigger) => withoutSecret(view(saved), "signing_secret"));
      c.header("Cache-Control", "no-store");
      return c.json(view(await createTrigger(c.get("ctx"), c.req.valid("json"), remember)), 201);
    })
    .openapi(get, async (c) => c.json(triggerView(await requireTrigger(c.get("ctx"), kind, c.req.valid("param").id)), 200))
    .openapi(remove, async (c) => {
      await deleteTrigger(c.get("ctx"), kind, c.req.valid("param").id);
      return c.body(null, 204);
    });
}

/** The same, and a route that changes every field. */
export function changeableTriggerRoutes(spec: ChangeableKindSpec): Router {
  const { kind, noun, path, Changes, Saved, example } = spec;
  const { tags, words, params, errors } = sharedParts(spec);
  const change = unitRoute(`${path}/{id}`, {
    operationId: `change${noun}`,
    method: "put",
    tags,
    summary: `Change a ${words}`,
    description:
      "Fields left out keep their values. With another condition, or switched on again, it only considers events received from then on.",
    role: "editor",
    request: { params, body: jsonBody(Changes, { active: false }) },
    responses: { 200: jsonResponse(`The ${words}`, Saved, { ...example, active: false }) },
    errors,
  });
  return commonTriggerRoutes(spec).openapi(change, async (c) => {
    const { trigger, signing_secret } = await changeTrigger(c.get("ctx"), kind, c.req.valid("param").id, c.req.valid("json"));
    c.header("Cache-Control", "no-store");
    return c.json({ ...triggerView(trigger), ...secretView(signing_secret) }, 200);
  });
}

/** The same, and a route that simulates on one lead or on history. */
export function simulatedTriggerRoutes(spec: ChangeableKindSpec): Router {
  const { kind, noun, path } = spec;
  const { tags, params } = sharedParts(spec);
  const simulate = unitRoute(`${path}/{id}/simulate`, {
    operationId: `simulate${noun}`,
    method: "post",
    tags,
    summary: `Try a ${kind} on past events`,
    description: "Sends nothing and stores nothing. A `filter` is not looked at.",
    role: "viewer",
    request: { params, body: jsonBody(SimulationBody, { days: 30 }) },
    responses: { 200: jsonResponse("What would have fired", SimulationAnswer, SIMULATION_EXAMPLE) },
    errors: { 404: `No ${kind} has this id, or no lead has this lead_id` },
  });
  return changeableTriggerRoutes(spec).openapi(simulate, async (c) => {
    const { lead_id, days } = c.req.valid("json");
    const ctx = c.get("ctx");
    const trigger = await requireTrigger(ctx, kind, c.req.valid("param").id);
    const found = lead_id === undefined ? await simulateOnHistory(ctx, trigger, days) : await simulateOnLead(ctx, trigger, lead_id);
    return c.json(simulationView(found), 200);
  });
}
