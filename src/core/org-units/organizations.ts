import type { z } from "zod";
import type { CallerCtx, OrgUnit } from "../../context";
import { newId } from "../../ids";
import { parseInput } from "../../validation";
import { auditRow, requireOperator } from "../auth";
import { DEFAULT_UNIT_ID } from "./org-units";
import { NewOrganization } from "./schemas";
import { insertOrganization } from "./store";

export type Organization = { organization_id: string; company_id: string; name: string; org_units: OrgUnit[] };

/** A new organization with its default org unit, for the operator alone. One D1 round trip. Throws forbidden, invalid_request. */
export async function createOrganization(ctx: CallerCtx, given: z.input<typeof NewOrganization>): Promise<Organization> {
  requireOperator(ctx);
  const { name, default_region } = parseInput(NewOrganization, given);
  const now = ctx.now();
  const organization_id = newId("org", now);
  const company_id = crypto.randomUUID();
  const unit = await insertOrganization(
    ctx.directory,
    { organization_id, company_id, name, created_at: now },
    {
      organization_id,
      unit_id: DEFAULT_UNIT_ID,
      workspace_id: newId("ws", now),
      name: "Default",
      slug: "default",
      is_default: true,
      default_region: default_region ?? null,
      created_at: now,
    },
    auditRow(ctx, { action: "organization.created", organization_id, target_id: organization_id }),
  );
  return { organization_id, company_id, name, org_units: [unit] };
}
