/** Which metadata keys fill the fields of profile rules (contract: profile-mappings). */
import { z } from "@hono/zod-openapi";
import {
  changeProfileMapping,
  createProfileMapping,
  deleteProfileMapping,
  listProfileMappings,
  NewProfileMapping,
  PROFILE_MAPPING_FIELDS,
} from "../../core/profile-scoring";
import { changesOf } from "../../schemas";
import { remembering } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { PROFILE_MAPPING_BODY, PROFILE_MAPPING_EXAMPLE, ProfileMapping, profileMappingView } from "./profile-scoring-schemas";

const tags = ["Profile scoring"];
const Params = z.object({ id: z.string().openapi({ example: PROFILE_MAPPING_EXAMPLE.id }) });
const NOT_FOUND = { 404: "Profile mapping not found" };
const TAKEN = { 409: "The metadata key has a mapping already, or there is no room for another" };

const list = unitRoute("/profile-mappings", {
  operationId: "listProfileMappings",
  method: "get",
  tags,
  summary: "List profile mappings",
  role: "viewer",
  responses: {
    200: jsonResponse("Mappings, oldest first", z.object({ profile_mappings: z.array(ProfileMapping) }), {
      profile_mappings: [PROFILE_MAPPING_EXAMPLE],
    }),
  },
});

const create = unitRoute("/profile-mappings", {
  operationId: "createProfileMapping",
  method: "post",
  tags,
  summary: "Create a profile mapping",
  description: "Of several keys that fill one field, the oldest mapping whose key has a value decides.",
  role: "editor",
  idempotent: true,
  request: { body: jsonBody(NewProfileMapping, PROFILE_MAPPING_BODY) },
  responses: { 201: jsonResponse("The mapping", ProfileMapping, PROFILE_MAPPING_EXAMPLE) },
  errors: TAKEN,
});

const change = unitRoute("/profile-mappings/{id}", {
  operationId: "changeProfileMapping",
  method: "put",
  tags,
  summary: "Change a profile mapping",
  role: "editor",
  request: { params: Params, body: jsonBody(changesOf(PROFILE_MAPPING_FIELDS), { profile_field: "seniority" }) },
  responses: { 200: jsonResponse("The mapping", ProfileMapping, { ...PROFILE_MAPPING_EXAMPLE, profile_field: "seniority" }) },
  errors: { ...NOT_FOUND, ...TAKEN },
});

const remove = unitRoute("/profile-mappings/{id}", {
  operationId: "deleteProfileMapping",
  method: "delete",
  tags,
  summary: "Delete a profile mapping",
  role: "editor",
  request: { params: Params },
  responses: { 204: { description: "Deleted" } },
  errors: NOT_FOUND,
});

export const profileMappings = createRouter()
  .openapi(list, async (c) => c.json({ profile_mappings: (await listProfileMappings(c.get("ctx"))).map(profileMappingView) }, 200))
  .openapi(create, async (c) => {
    const mapping = await createProfileMapping(c.get("ctx"), c.req.valid("json"), remembering(c, 201, profileMappingView));
    return c.json(profileMappingView(mapping), 201);
  })
  .openapi(change, async (c) => {
    const mapping = await changeProfileMapping(c.get("ctx"), c.req.valid("param").id, c.req.valid("json"));
    return c.json(profileMappingView(mapping), 200);
  })
  .openapi(remove, async (c) => {
    await deleteProfileMapping(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  });
