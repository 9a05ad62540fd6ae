/** The audit log: changes by the operator and of credentials. Each entry is written in the batch of its change. */
import type { CallerCtx } from "../../context";
import { newId } from "../../ids";
import { actorId, requireOperator } from "./actor";
import { type AuditRow, deleteAuditEntries, insertAuditEntry, listAuditEntries } from "./store";

export const AUDIT_ACTIONS = [
  "organization.created",
  "organization.deleted",
  "organization.exported",
  "organization.restored",
  "org_unit.created",
  "org_unit.changed",
  "org_unit.moved",
  "limits.changed",
  "credential.created",
  "credential.revoked",
  "identity_provider.created",
  "identity_provider.deleted",
  "channel.changed",
] as const;
type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** How long entries are kept: a year and a month. */
const KEPT_MS = 400 * 86_400_000;
const PAGE_ENTRIES = 100;
const REMOVED_PER_TICK_MAX = 1_000;

export const auditRow = (
  ctx: Pick<CallerCtx, "actor" | "requestId" | "now">,
  change: { action: AuditAction; organization_id: string | null; target_id: string },
): AuditRow => {
  const at = ctx.now();
  const { kind: actor_kind } = ctx.actor;
  return { entry_id: newId("aud", at), at, actor_kind, actor_id: actorId(ctx.actor), request_id: ctx.requestId, ...change };
};

/** Records a change after it: for verbs that commit somewhere else. One D1 round trip. */
export async function recordChange(ctx: CallerCtx, change: Parameters<typeof auditRow>[1]): Promise<void> {
  await insertAuditEntry(ctx.directory, auditRow(ctx, change));
}

/** Newest first, 100 a page; `cursor` is the last page's last id. For the operator alone. One D1 round trip. Throws forbidden. */
export async function listAudit(
  ctx: CallerCtx,
  filter: { organization_id?: string | undefined; cursor?: string | undefined },
): Promise<{ entries: AuditRow[]; next_cursor: string | null }> {
  requireOperator(ctx);
  const found = await listAuditEntries(ctx.directory, filter.organization_id ?? null, filter.cursor ?? null, PAGE_ENTRIES + 1);
  const entries = found.slice(0, PAGE_ENTRIES);
  return { entries, next_cursor: found.length > PAGE_ENTRIES ? (entries.at(-1)?.entry_id ?? null) : null };
}

/** Removes at most 1,000 entries that are older than 400 days; returns how many. */
export const removeOldAudit = (ctx: CallerCtx): Promise<number> =>
  deleteAuditEntries(ctx.directory, ctx.now() - KEPT_MS, REMOVED_PER_TICK_MAX);
