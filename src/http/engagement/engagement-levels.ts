/** Engagement levels (contract: rules-scoring/levels). */
import { z } from "@hono/zod-openapi";
import { type Level as CoreLevel, changeLevel, createLevel, deleteLevel, LEVEL_FIELDS, listLevels, NewLevel } from "../../core/scoring";
import { changesOf } from "../../schemas";
import { remembering } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";

const tags = ["Engagement levels"];
const { position: order, ...ownFields } = LEVEL_FIELDS;
const fields = { ...ownFields, order };
const LevelBody = NewLevel.omit({ position: true }).extend({ order: NewLevel.shape.position });
const LevelChanges = changesOf(fields);
const Level = z.object({ id: z.string(), ...fields });
const EXAMPLE = { id: "lvl_0193f3a2c7b07aa18000c0ffee123456", name: "Hot", min_score: 50, max_score: 74, color: "#f97316", order: 3 };
const LevelParams = z.object({ id: z.string().openapi({ example: EXAMPLE.id }) });
const ERRORS = { 409: "The range overlaps that of another level" };
const NOT_FOUND = { 404: "Engagement level not found" };

const list = unitRoute("/engagement-levels", {
  operationId: "listLevels",
  method: "get",
  tags,
  summary: "List engagement levels",
  role: "viewer",
  responses: { 200: jsonResponse("Levels", z.object({ levels: z.array(Level) }), { levels: [EXAMPLE] }) },
});

const create = unitRoute("/engagement-levels", {
  operationId: "createLevel",
  method: "post",
  tags,
  summary: "Create an engagement level",
  idempotent: true,
  description: "Ranges never overlap. A score belongs to the level whose range contains it, rounded down.",
  role: "editor",
  request: { body: jsonBody(LevelBody, { name: "Hot", min_score: 50, max_score: 74, color: "#f97316", order: 3 }) },
  responses: { 201: jsonResponse("The level", Level, EXAMPLE) },
  errors: ERRORS,
});

const change = unitRoute("/engagement-levels/{id}", {
  operationId: "changeLevel",
  method: "put",
  tags,
  summary: "Change an engagement level",
  role: "editor",
  request: { params: LevelParams, body: jsonBody(LevelChanges, { max_score: 79 }) },
  responses: { 200: jsonResponse("The level", Level, { ...EXAMPLE, max_score: 79 }) },
  errors: { ...ERRORS, ...NOT_FOUND },
});

const remove = unitRoute("/engagement-levels/{id}", {
  operationId: "deleteLevel",
  method: "delete",
  tags,
  summary: "Delete an engagement level",
  role: "editor",
  request: { params: LevelParams },
  responses: { 204: { description: "Deleted" } },
  errors: NOT_FOUND,
});

export const engagementLevels = createRouter()
  .openapi(list, async (c) => c.json({ levels: (await listLevels(c.get("ctx"))).map(levelView) }, 200))
  .openapi(create, async (c) => {
    const { order, ...level } = c.req.valid("json");
    return c.json(levelView(await createLevel(c.get("ctx"), { ...level, position: order }, remembering(c, 201, levelView))), 201);
  })
  .openapi(change, async (c) => {
    const { order, ...changes } = c.req.valid("json");
    const level = await changeLevel(c.get("ctx"), c.req.valid("param").id, {
      ...changes,
      ...(order === undefined ? {} : { position: order }),
    });
    return c.json(levelView(level), 200);
  })
  .openapi(remove, async (c) => {
    await deleteLevel(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  });

const levelView = ({ level_id, position, ...level }: CoreLevel) => ({ id: level_id, ...level, order: position });
