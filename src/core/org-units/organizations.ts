import type { z } from "zod";
import type { CallerCtx, OrgUnit } from "../../context";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { parseInput } from "../../validation";
import { auditRow, requireOperator } from "../auth";
import { type RememberInDirectory, rememberNothing } from "../idempotency";
import { type Limits, limitsOf } from "./limits";
import { DEFAULT_UNIT_ID } from "./org-units";
import { NewOrganization, OrganizationSelection } from "./schemas";
import { findOrganization, insertOrganization, type OrganizationRow, pageOrganizations } from "./store";

const PAGE_ORGANIZATIONS = 100;

type NewUnit = Pick<OrgUnit, "unit_id" | "workspace_id" | "name" | "is_default">;
export type Organization = { organization_id: string; company_id: string; name: string; org_units: NewUnit[] };

/** A new organization with its default org unit, for the operator alone. One D1 round trip. Throws forbidden, invalid_request. */
export async function createOrganization(
  ctx: CallerCtx,
  given: z.input<typeof NewOrganization>,
  remember: RememberInDirectory<Organization> = rememberNothing,
): Promise<Organization> {
  requireOperator(ctx);
  const { name, default_region = null } = parseInput(NewOrganization, given);
  const created_at = ctx.now();
  const organization_id = newId("org", created_at);
  const unit: NewUnit = { unit_id: DEFAULT_UNIT_ID, workspace_id: newId("ws", created_at), name: "Default", is_default: true };
  const organization = { organization_id, company_id: crypto.randomUUID(), name, org_units: [unit] };
  await insertOrganization(
    ctx.directory,
    { organization_id, company_id: organization.company_id, name, created_at },
    { ...unit, organization_id, slug: "default", default_region, created_at },
    auditRow(ctx, { action: "organization.created", organization_id, target_id: organization_id }),
    remember(organization),
  );
  return organization;
}

export type OrganizationSummary = OrganizationRow & { org_unit_count: number };

/**
 * All organizations, newest first, 100 a page; `q`: those whose name has it, or whose id it is. For the operator alone. One D1 round trip,
 * which reads every organization where few match. Throws forbidden, invalid_request.
 */
export async function listOrganizations(
  ctx: Pick<CallerCtx, "actor" | "directory">,
  given: z.input<typeof OrganizationSelection>,
): Promise<{ organizations: OrganizationSummary[]; next_cursor: string | null }> {
  requireOperator(ctx);
  const { q, cursor } = parseInput(OrganizationSelection, given);
  const found = await pageOrganizations(ctx.directory, { q: q || null, before: cursor ?? null, limit: PAGE_ORGANIZATIONS + 1 });
  const organizations = found.slice(0, PAGE_ORGANIZATIONS);
  return { organizations, next_cursor: found.length > PAGE_ORGANIZATIONS ? (organizations.at(-1)?.organization_id ?? null) : null };
}

/** An organization with its units, for the operator alone. One D1 round trip. Throws forbidden, not_found. */
export async function requireOrganization(
  ctx: Pick<CallerCtx, "actor" | "directory">,
  organizationId: string,
): Promise<{ organization: OrganizationRow; units: (OrgUnit & { quotas: Limits })[] }> {
  requireOperator(ctx);
  const { organization, units } = await findOrganization(ctx.directory, organizationId);
  if (!organization) throw new AppError("not_found", "Organization not found");
  return { organization, units: units.map((unit) => ({ ...unit, quotas: limitsOf(unit) })) };
}
