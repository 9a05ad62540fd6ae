import { z } from "@hono/zod-openapi";
import { createProfileField, listProfileFields, ProfileFieldInput } from "../../core/leads";
import { remembering } from "../idempotency";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";

const ProfileField = z.object({ name: z.string(), standard: z.boolean() });

const getProfileFields = unitRoute("/profile-fields", {
  operationId: "listProfileFields",
  method: "get",
  tags: ["Profile fields"],
  summary: "List the fields that an import may fill",
  role: "viewer",
  responses: {
    200: jsonResponse("Standard fields, then the org unit's own", z.object({ profile_fields: z.array(ProfileField) }), {
      profile_fields: [
        { name: "first_name", standard: true },
        { name: "favourite_colour", standard: false },
      ],
    }),
  },
});

const postProfileField = unitRoute("/profile-fields", {
  operationId: "createProfileField",
  method: "post",
  tags: ["Profile fields"],
  summary: "Define a profile field",
  role: "editor",
  idempotent: true,
  request: { body: jsonBody(ProfileFieldInput, { name: "favourite_colour" }) },
  responses: { 201: jsonResponse("The field", ProfileField, { name: "favourite_colour", standard: false }) },
  errors: { 409: "The field exists already; names are case-insensitive" },
});

export const profileFields = createRouter()
  .openapi(getProfileFields, async (c) => c.json({ profile_fields: await listProfileFields(c.get("ctx")) }, 200))
  .openapi(postProfileField, async (c) => {
    const remember = remembering(c, 201, (field: object) => field);
    return c.json(await createProfileField(c.get("ctx"), c.req.valid("json"), remember), 201);
  });
