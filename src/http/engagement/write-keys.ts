/** Write keys of the active org unit, for Segment's wire format and the browser snippet. */

import { z } from "@hono/zod-openapi";
import { createWriteKey, listWriteKeys, NewWriteKey, revokeWriteKey, type WriteKey } from "../../core/auth";
import { isoTime } from "../../time";
import { rememberingInDirectory, replayedWithoutSecret } from "../idempotency";
import { shownOnce } from "../idempotency-document";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";
import { Timestamp } from "./schemas";

const tags = ["Credentials"];
const Key = z.object({
  write_key_id: z.string(),
  unit_id: z.string(),
  name: z.string(),
  origins: z.array(z.string()).openapi({ description: "The pages that may use it, by their origin; none: anybody may" }),
  created_at: Timestamp,
});
const EXAMPLE = {
  write_key_id: "wkey_0193f3a2c7b07aa18000c0ffee123456",
  unit_id: "unit_default",
  name: "Website",
  origins: ["https://www.example.com"],
  created_at: "2026-01-15T10:00:00.000Z",
};
const NewKey = NewWriteKey.extend({
  origins: z
    .array(z.string().openapi({ pattern: "^https?://[a-z0-9-]{1,60}(\\.[a-z0-9-]{1,60}){0,3}(:[1-9][0-9]{0,3})?$" }))
    .max(50)
    .default([])
    .openapi({ description: Key.shape.origins.description ?? "" }),
});

const list = unitRoute("/write-keys", {
  operationId: "listWriteKeys",
  method: "get",
  tags,
  summary: "List write keys",
  role: "viewer",
  responses: {
    200: jsonResponse("Write keys; the keys themselves are never listed", z.object({ write_keys: z.array(Key) }), {
      write_keys: [EXAMPLE],
    }),
  },
});

const create = unitRoute("/write-keys", {
  operationId: "createWriteKey",
  method: "post",
  tags,
  summary: "Create a write key",
  description: "For the paths of Segment's wire format, in the active org unit. It can only write, so it may stand in a page's source.",
  role: "admin",
  idempotent: "in_directory",
  request: { body: jsonBody(NewKey, { name: "Website", origins: ["https://www.example.com"] }) },
  responses: {
    201: jsonResponse("The write key, shown once", Key.extend(shownOnce("write_key", "Shown this once").shape), {
      ...EXAMPLE,
      write_key: "wk_…",
    }),
  },
});

const revoke = unitRoute("/write-keys/{id}", {
  operationId: "revokeWriteKey",
  method: "delete",
  tags,
  summary: "Revoke a write key",
  role: "admin",
  request: { params: z.object({ id: z.string().openapi({ example: EXAMPLE.write_key_id }) }) },
  responses: { 204: { description: "Revoked: it stops working within 30 seconds" } },
  errors: { 404: "Credential not found" },
});

export const writeKeys = createRouter()
  .openapi(list, async (c) => {
    const ctx = c.get("ctx");
    const keys = await listWriteKeys(ctx);
    return c.json({ write_keys: keys.map((key) => view(ctx.unit.unit_id, key)) }, 200);
  })
  .openapi(create, async (c) => {
    const ctx = c.get("ctx");
    const shown = (key: WriteKey) => view(ctx.unit.unit_id, key);
    const remember = rememberingInDirectory(c, 201, (key: WriteKey) => replayedWithoutSecret(shown(key)));
    const key = await createWriteKey(ctx, c.req.valid("json"), remember);
    c.header("Cache-Control", "no-store");
    return c.json({ ...shown(key), write_key: key.write_key }, 201);
  })
  .openapi(revoke, async (c) => {
    await revokeWriteKey(c.get("ctx"), c.req.valid("param").id);
    return c.body(null, 204);
  });

const view = (unit_id: string, { write_key_id, name, origins, created_at }: WriteKey) => ({
  write_key_id,
  unit_id,
  name,
  origins: [...origins],
  created_at: isoTime(created_at),
});
