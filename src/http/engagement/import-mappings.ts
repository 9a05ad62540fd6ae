/** Mappings of lead imports that the org unit has used before. */
import { z } from "@hono/zod-openapi";
import { changeMapping, forgetMapping, listMappings, type RememberedMapping, RememberedMappingChange } from "../../core/imports";
import { isoTime } from "../../time";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { MappingBody } from "./import-start-body";
import { SuggestedMapping } from "./import-suggestion-view";
import { PageQuery, Timestamp } from "./schemas";

const PATH = "/leads/import/mappings";
const tags = ["Lead import"];

const Mapping = z
  .object({
    id: z.string(),
    name: z.string().openapi({ description: "That of the first file, until somebody gives another" }),
    headers: z.array(z.string()),
    mapping: SuggestedMapping,
    used_count: z.number().int(),
    created_at: Timestamp,
    used_at: Timestamp,
  })
  .openapi("ImportMapping");

const EXAMPLE = {
  id: "map_0193f3a2c7b07aa18000c0ffee123456",
  name: "leads.csv",
  headers: ["Email", "First Name"],
  mapping: { primary_identifier: { column: "Email", kind: "email" }, field_mappings: { "First Name": "first_name" }, alias_mappings: {} },
  used_count: 3,
  created_at: "2026-01-15T10:00:00.000Z",
  used_at: "2026-01-29T10:00:00.000Z",
};
const params = z.object({ id: z.string().openapi({ example: EXAMPLE.id }) });
const NOT_FOUND = { 404: "No mapping is remembered under this id" };

const list = unitRoute(PATH, {
  operationId: "listImportMappings",
  method: "get",
  tags,
  summary: "List the mappings that imports have used, the last used first",
  description:
    "Start remembers its mapping by the headers of the file; the preview of a file with the same headers, in any order, suggests it. The 200 that were used last are kept.",
  role: "viewer",
  request: { query: PageQuery },
  responses: {
    200: jsonResponse(
      "Remembered mappings",
      z.object({ mappings: z.array(Mapping), total: z.number().int(), page: z.number().int(), limit: z.number().int() }),
      { mappings: [EXAMPLE], total: 1, page: 1, limit: 25 },
    ),
  },
});

const change = unitRoute(`${PATH}/{id}`, {
  operationId: "changeImportMapping",
  method: "put",
  tags,
  summary: "Rename a remembered mapping, or change it",
  role: "editor",
  request: { params, body: jsonBody(RememberedMappingChange.safeExtend({ mapping: MappingBody.optional() }), { name: "Fair contacts" }) },
  responses: { 200: jsonResponse("The mapping; fields left out stay as they are", Mapping, { ...EXAMPLE, name: "Fair contacts" }) },
  errors: NOT_FOUND,
});

const forget = unitRoute(`${PATH}/{id}`, {
  operationId: "forgetImportMapping",
  method: "delete",
  tags,
  summary: "Forget a mapping",
  role: "editor",
  request: { params },
  responses: { 204: { description: "Files with these headers get fresh guesses" } },
  errors: NOT_FOUND,
});

const view = ({ mapping_id, created_at, used_at, ...mapping }: RememberedMapping) => ({
  id: mapping_id,
  ...mapping,
  created_at: isoTime(created_at),
  used_at: isoTime(used_at),
});

export const importMappings = createRouter()
  .openapi(list, async (c) => {
    const { page, limit } = c.req.valid("query");
    const { mappings, total } = await listMappings(c.get("ctx"), page, limit);
    return c.json({ mappings: mappings.map(view), total, page, limit }, 200);
  })
  .openapi(change, async (c) => c.json(view(await changeMapping(c.get("ctx"), c.req.valid("param").id, c.req.valid("json"))), 200))
  .openapi(forget, async (c) => {
    await forgetMapping(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  });
