/** Levels of engagement, profile and account scores (contract: rules-scoring/levels). */
import { z } from "@hono/zod-openapi";
import { type Level as CoreLevel, changeLevel, createLevel, deleteLevel, LEVEL_FIELDS, listLevels, NewLevel } from "../../core/scoring";
import { changesOf } from "../../schemas";
import type { LevelDimension } from "../../vocabulary";
import { remembering } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter, type Router } from "../router";

const { position: order, ...ownFields } = LEVEL_FIELDS;
const fields = { ...ownFields, order };
const LevelBody = NewLevel.omit({ position: true }).extend({ order: NewLevel.shape.position });
const LevelChanges = changesOf(fields);
const Level = z.object({ id: z.string(), ...fields });
const EXAMPLE = { id: "lvl_0193f3a2c7b07aa18000c0ffee123456", name: "Hot", min_score: 50, max_score: 74, color: "#f97316", order: 3 };
const LevelParams = z.object({ id: z.string().openapi({ example: EXAMPLE.id }) });
const ERRORS = { 409: "The range overlaps that of another level" };
const NOT_FOUND = { 404: "Level not found" };

/** `suffix`: what an operation's id ends with; engagement levels came first and have none. */
function levelRoutes(dimension: LevelDimension, suffix: string): Router {
  const tags = [`${dimension[0]?.toUpperCase()}${dimension.slice(1)} levels`];
  const kind = `${dimension} level`;
  const path = `/${dimension}-levels` as const;

  const list = unitRoute(path, {
    operationId: `list${suffix}Levels`,
    method: "get",
    tags,
    summary: `List ${kind}s`,
    role: "viewer",
    responses: { 200: jsonResponse("Levels", z.object({ levels: z.array(Level) }), { levels: [EXAMPLE] }) },
  });

  const create = unitRoute(path, {
    operationId: `create${suffix}Level`,
    method: "post",
    tags,
    summary: `Create ${article(kind)} ${kind}`,
    idempotent: true,
    description: "Ranges never overlap. A score belongs to the level whose range contains it, rounded down.",
    role: "editor",
    request: { body: jsonBody(LevelBody, { name: "Hot", min_score: 50, max_score: 74, color: "#f97316", order: 3 }) },
    responses: { 201: jsonResponse("The level", Level, EXAMPLE) },
    errors: ERRORS,
  });

  const change = unitRoute(`${path}/{id}`, {
    operationId: `change${suffix}Level`,
    method: "put",
    tags,
    summary: `Change ${article(kind)} ${kind}`,
    role: "editor",
    request: { params: LevelParams, body: jsonBody(LevelChanges, { max_score: 79 }) },
    responses: { 200: jsonResponse("The level", Level, { ...EXAMPLE, max_score: 79 }) },
    errors: { ...ERRORS, ...NOT_FOUND },
  });

  const remove = unitRoute(`${path}/{id}`, {
    operationId: `delete${suffix}Level`,
    method: "delete",
    tags,
    summary: `Delete ${article(kind)} ${kind}`,
    role: "editor",
    request: { params: LevelParams },
    responses: { 204: { description: "Deleted" } },
    errors: NOT_FOUND,
  });

  return createRouter()
    .openapi(list, async (c) => c.json({ levels: (await listLevels(c.get("ctx"), dimension)).map(levelView) }, 200))
    .openapi(create, async (c) => {
      const { order, ...level } = c.req.valid("json");
      const given = { ...level, position: order };
      return c.json(levelView(await createLevel(c.get("ctx"), given, remembering(c, 201, levelView), dimension)), 201);
    })
    .openapi(change, async (c) => {
      const { order, ...changes } = c.req.valid("json");
      const given = { ...changes, ...(order === undefined ? {} : { position: order }) };
      return c.json(levelView(await changeLevel(c.get("ctx"), c.req.valid("param").id, given, dimension)), 200);
    })
    .openapi(remove, async (c) => {
      await deleteLevel(c.get("ctx"), c.req.valid("param").id, dimension);
      return c.body(null, 204);
    });
}

const article = (noun: string): string => (/^[aeiou]/.test(noun) ? "an" : "a");

const levelView = ({ level_id, position, ...level }: CoreLevel) => ({ id: level_id, ...level, order: position });

export const levels: readonly Router[] = [
  levelRoutes("engagement", ""),
  levelRoutes("profile", "Profile"),
  levelRoutes("account", "Account"),
];
