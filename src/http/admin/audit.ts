/** The audit log, and its entries of channels. */
import { z } from "@hono/zod-openapi";
import { createMiddleware } from "hono/factory";
import { AUDIT_ACTIONS, listAudit, recordChange } from "../../core/auth";
import { isoTime } from "../../time";
import { REPLAYED_HEADER } from "../idempotency";
import { isRead } from "../middleware/enter-org-unit";
import { adminRoute, jsonResponse } from "../route";
import { createRouter, type HttpEnv } from "../router";
import { operator } from "./operator";

const Entry = z
  .object({
    entry_id: z.string(),
    at: z.string().openapi({ format: "date-time" }),
    organization_id: z.string().nullable().openapi({ description: "null: of a channel, which several organizations share" }),
    actor: z.object({
      kind: z.string().openapi({ description: "`credential`, `identity_provider`, `operator` or `system`" }),
      id: z.string().openapi({ description: "A credential's id, or the subject of an identity provider's token" }),
    }),
    action: z.enum(AUDIT_ACTIONS),
    target_id: z.string(),
    request_id: z.string(),
  })
  .openapi("AuditEntry");
const EXAMPLE = {
  entry_id: "aud_0193f3a2c7b07aa18000c0ffee123456",
  at: "2026-01-15T10:00:00.000Z",
  organization_id: "org_0193f3a2c7b07aa18000c0ffee123456",
  actor: { kind: "credential", id: "sec_0193f3a2c7b07aa18000c0ffee123456" },
  action: "credential.revoked",
  target_id: "pat_0193f3a2c7b07aa18000c0ffee123456",
  request_id: "req_0193f3a2c7b07aa18000c0ffee123456",
};

const list = adminRoute("/admin/audit", {
  operationId: "listAudit",
  method: "get",
  tags: ["Admin"],
  summary: "List changes of organizations, org units, credentials, identity providers and channels, newest first",
  request: {
    query: z.object({
      organization_id: z.string().optional().openapi({ example: EXAMPLE.organization_id }),
      cursor: z.string().optional().openapi({ description: "`next_cursor` of the page before" }),
    }),
  },
  responses: {
    200: jsonResponse(
      "100 entries; they are kept for 400 days and hold no secrets",
      z.object({ entries: z.array(Entry), next_cursor: z.string().nullable() }),
      { entries: [EXAMPLE], next_cursor: null },
    ),
  },
});

export const audit = createRouter().openapi(list, async (c) => {
  const { entries, next_cursor } = await listAudit(operator(c), c.req.valid("query"));
  return c.json({ entries: entries.map(view), next_cursor }, 200);
});

const view = ({ actor_kind, actor_id, at, action, ...entry }: Awaited<ReturnType<typeof listAudit>>["entries"][number]) => ({
  ...entry,
  at: isoTime(at),
  actor: { kind: actor_kind, id: actor_id },
  action: action as (typeof AUDIT_ACTIONS)[number],
});

/** A change of a channel commits in several batches, some of them in other databases: its entry follows it. */
export const auditChannelChanges = createMiddleware<HttpEnv>(async function auditChannelChanges(c, next) {
  await next();
  if (isRead(c.req.method) || !c.res.ok || c.res.headers.has(REPLAYED_HEADER)) return;
  const created = c.res.headers.get("Location") ?? c.req.path;
  const target_id = created.split("/")[3] ?? "";
  await recordChange(operator(c), { action: "channel.changed", organization_id: null, target_id });
});
