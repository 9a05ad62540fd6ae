import type { Directory, OrgUnit } from "../../context";
import { newId } from "../../ids";
import { DEFAULT_UNIT_ID } from "./org-units";
import { insertOrganization } from "./store";

export type Organization = { organization_id: string; company_id: string; name: string; org_units: OrgUnit[] };

/** A new organization, born with its default org unit. */
export async function createOrganization(
  ctx: { directory: Directory; now(): number },
  wanted: { name: string; default_region: string | null },
): Promise<Organization> {
  const now = ctx.now();
  const organization_id = newId("org", now);
  const company_id = crypto.randomUUID();
  const unit = await insertOrganization(
    ctx.directory,
    { organization_id, company_id, name: wanted.name, created_at: now },
    {
      organization_id,
      unit_id: DEFAULT_UNIT_ID,
      workspace_id: newId("ws", now),
      name: "Default",
      slug: "default",
      is_default: true,
      default_region: wanted.default_region,
      created_at: now,
    },
  );
  return { organization_id, company_id, name: wanted.name, org_units: [unit] };
}
