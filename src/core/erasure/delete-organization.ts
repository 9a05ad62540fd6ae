import type { CallerCtx, Ctx, OrgUnit } from "../../context";
import { AppError } from "../../errors";
import { forgetCredentials, forgetProviders, recordChange, requireOperator } from "../auth";
import { type Erased, eraseUnit } from "./erase-unit";
import { eraseExports, watchErased, watchErasedOrganization } from "./late-writes";
import { deleteDirectoryRows, deleteOrganizationRow, deleteProvidersOf, findUnitsOf, revokeCredentialsOf } from "./store";

const ORGANIZATION_ID = /^org_[0-9a-f]{32}$/;
const noSuchOrganization = () => new AppError("not_found", "Organization not found");

/** A request may take its time, but a client waits for it. */
const BUDGET_SECONDS = 20;

export type ErasureReceipt = {
  organization_id: string;
  status: "running" | "done";
  deleted_at: number | null;
  signature: string | null;
} & Erased;

/** What lies outside the caller's context: its units and their moves, the place of receipts, and the service's signature. */
export type ErasureWorld = {
  openUnit(unit: OrgUnit): Ctx;
  files: R2Bucket;
  sign(receipt: object): Promise<string>;
  /** Leaves each unit of the organization in one database; false when `until` (in ms) came first. */
  endMoves(organizationId: string, until: number): Promise<boolean>;
};

/**
 * Deletes an organization with everything that any table, bucket or object holds of it, for the operator alone. Its credentials are revoked
 * first. Returns a receipt with what was deleted, signed once all is gone; while the status is `running`, calling again goes on, and a
 * repeated call for a deleted organization returns its receipt. A crash can lose the counts of the unit that it interrupts. Throws forbidden, not_found.
 */
export async function deleteOrganization(ctx: CallerCtx, organizationId: string, world: ErasureWorld): Promise<ErasureReceipt> {
  requireOperator(ctx);
  // any other text is not an id of ours, so no object has such a name
  if (!ORGANIZATION_ID.test(organizationId)) throw noSuchOrganization();
  const key = `erasure-receipts/${organizationId}.json`;
  const kept = await (await world.files.get(key))?.json<ErasureReceipt>();
  const units = await findUnitsOf(ctx.directory, organizationId);
  if (kept?.status === "done" || (kept && !units)) return finish(ctx, kept, world, key);
  if (!units) throw noSuchOrganization();
  const erased: Erased = { rows: kept?.rows ?? {}, objects: kept?.objects ?? 0 };
  await closeDoors(ctx, organizationId, erased);

  const until = ctx.now() + BUDGET_SECONDS * 1000;
  const running = { organization_id: organizationId, status: "running", deleted_at: null, signature: null } as const;
  if (!(await world.endMoves(organizationId, until))) return keep(world, key, { ...running, ...erased });
  // read once no unit moves any more
  for (const unit of (await findUnitsOf(ctx.directory, organizationId)) ?? []) {
    await watchErased(world.files, unit, ctx.now());
    const isEmpty = await eraseUnit(world.openUnit(unit), until, erased);
    const receipt = await keep(world, key, { ...running, ...erased });
    if (!isEmpty) return receipt;
  }
  await watchErasedOrganization(world.files, organizationId, ctx.now());
  erased.objects += await eraseExports(world.files, organizationId);
  addRows(erased, await deleteDirectoryRows(ctx.directory, organizationId));
  addRows(erased, { organizations: 1 });
  // kept before the organization's own row goes: after a crash between the two, the next call still finds what it has to sign
  const last = await keep(world, key, { ...running, ...erased });
  await deleteOrganizationRow(ctx.directory, organizationId);
  return finish(ctx, last, world, key);
}

/** Nothing opens the organization from here on, and no token of its identity providers. */
async function closeDoors(ctx: CallerCtx, organizationId: string, erased: Erased): Promise<void> {
  forgetCredentials(new Set(await revokeCredentialsOf(ctx.directory, organizationId, ctx.now())));
  addRows(erased, { identity_providers: await deleteProvidersOf(ctx.directory, organizationId) });
  forgetProviders();
}

async function finish(ctx: CallerCtx, kept: ErasureReceipt, world: ErasureWorld, key: string): Promise<ErasureReceipt> {
  if (kept.status === "done") return kept;
  const { organization_id, rows, objects } = kept;
  const receipt = { organization_id, status: "done" as const, deleted_at: ctx.now(), rows, objects };
  await recordChange(ctx, { action: "organization.deleted", organization_id: null, target_id: organization_id });
  return keep(world, key, { ...receipt, signature: await world.sign(receipt) });
}

async function keep({ files }: ErasureWorld, key: string, receipt: ErasureReceipt): Promise<ErasureReceipt> {
  await files.put(key, JSON.stringify(receipt), { httpMetadata: { contentType: "application/json" } });
  return receipt;
}

function addRows({ rows }: Erased, counts: Record<string, number>): void {
  for (const [table, count] of Object.entries(counts)) if (count > 0) rows[table] = (rows[table] ?? 0) + count;
}
