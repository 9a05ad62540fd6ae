/** Moves of org units between databases, by the operator. */
import { z } from "@hono/zod-openapi";
import { type Move, MoveInput, requireMove, startMove } from "../../core/moves";
import { openShards, outbox } from "../../open-context";
import { isoTime, isoTimeOrNull } from "../../time";
import { MOVE_STATUSES, MOVE_STEPS } from "../../vocabulary";
import { rememberAfter } from "../idempotency";
import { adminRoute, jsonBody, jsonResponse } from "../route";
import { createRouter } from "../router";
import { operator } from "./operator";

const PATH = "/admin/organizations/{organization_id}/org-units/{unit_id}";
const params = z.object({
  organization_id: z.string().openapi({ example: "org_0193f3a2c7b07aa18000c0ffee123456" }),
  unit_id: z.string().openapi({ example: "unit_default" }),
});

const MoveView = z
  .object({
    move_id: z.string(),
    organization_id: z.string(),
    unit_id: z.string(),
    status: z.enum(MOVE_STATUSES).openapi({ description: "`completed`: the unit is served from its new database" }),
    step: z.enum(MOVE_STEPS).openapi({ description: "What is being done, or is done next" }),
    from_shard: z.number().int(),
    to_shard: z.number().int(),
    rows_copied: z.number().int().openapi({ description: "Without those that changed meanwhile and were copied again" }),
    created_at: z.iso.datetime(),
    switched_at: z.iso.datetime().nullable(),
    removed_at: z.iso.datetime().nullable().openapi({ description: "When the copy that nobody needs had been removed" }),
    error: z.string().nullable().openapi({ description: "Why the move failed, or its last attempt, which is repeated" }),
  })
  .openapi("OrgUnitMove");
const EXAMPLE = {
  move_id: "mov_0193f3a2c7b07aa18000c0ffee123456",
  organization_id: "org_0193f3a2c7b07aa18000c0ffee123456",
  unit_id: "unit_default",
  status: "completed" as const,
  step: "sweep" as const,
  from_shard: 0,
  to_shard: 1,
  rows_copied: 48_210,
  created_at: "2026-01-15T10:00:00.000Z",
  switched_at: "2026-01-15T10:00:37.000Z",
  removed_at: null,
  error: null,
};

const start = adminRoute(`${PATH}/move`, {
  operationId: "moveOrgUnit",
  method: "post",
  tags: ["Admin"],
  summary: "Move an org unit to another database",
  description:
    "Copies the unit while it is read and written, compares both copies, and switches. Writes get a 503 with `Retry-After` for the moment of the switch, which comes 35 seconds after this call at the earliest. Poll the move until it is `completed`; the old copy is removed 15 minutes later.",
  idempotent: true,
  request: { params, body: jsonBody(MoveInput, { shard: 1 }) },
  responses: {
    202: jsonResponse("The move has begun", MoveView, {
      ...EXAMPLE,
      status: "running" as const,
      step: "prepare" as const,
      rows_copied: 0,
      switched_at: null,
    }),
  },
  errors: { 409: "The unit is in that database already, or moves; or the databases' migrations differ" },
});

const get = adminRoute(`${PATH}/moves/{move_id}`, {
  operationId: "getMove",
  method: "get",
  tags: ["Admin"],
  summary: "Get the move of an org unit",
  request: { params: params.extend({ move_id: z.string().openapi({ example: EXAMPLE.move_id }) }) },
  responses: { 200: jsonResponse("The move", MoveView, EXAMPLE) },
});

export const moves = createRouter()
  .openapi(start, async (c) => {
    rememberAfter(c);
    const move = await startMove(operator(c), c.req.valid("param"), c.req.valid("json"), { shards: openShards(c.env) });
    await outbox(c.env).move(move);
    return c.json(view(move), 202);
  })
  .openapi(get, async (c) => {
    const { move_id, ...at } = c.req.valid("param");
    return c.json(view(await requireMove(operator(c), at, move_id)), 200);
  });

const view = ({ move_id, organization_id, unit_id, status, step, from_shard, to_shard, rows_copied, ...move }: Move) => ({
  move_id,
  organization_id,
  unit_id,
  status,
  step,
  from_shard,
  to_shard,
  rows_copied,
  created_at: isoTime(move.created_at),
  switched_at: isoTimeOrNull(move.switched_at),
  removed_at: isoTimeOrNull(move.removed_at),
  error: move.error,
});
