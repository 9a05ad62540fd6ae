import type { z } from "zod";
import type { CallerCtx, OrgUnit } from "../../context";
import { newId } from "../../ids";
import { parseInput } from "../../validation";
import { auditRow, requireOperator } from "../auth";
import { type RememberInDirectory, rememberNothing } from "../idempotency";
import { DEFAULT_UNIT_ID } from "./org-units";
import { NewOrganization } from "./schemas";
import { insertOrganization } from "./store";

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
