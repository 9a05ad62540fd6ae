/** Organizations, their units, what these may use and have used today. */
import { z } from "zod";
import { deleteOrganization } from "../../../../core/erasure";
import {
  changeLimits,
  createOrganization,
  LimitsChange,
  listOrganizations,
  NewOrganization,
  type Organization,
  OrganizationSelection,
  requireOrganization,
} from "../../../../core/org-units";
import { listUsage } from "../../../../core/usage";
import { operatorCall } from "../call";

const OneOrganization = z.strictObject({ organization_id: z.string() });

export const organizationCalls = {
  "organizations.list": operatorCall(OrganizationSelection.strict(), listOrganizations),
  "organizations.get": operatorCall(OneOrganization, async (ctx, { organization_id }) => {
    const { organization, units } = await requireOrganization(ctx, organization_id);
    return {
      organization,
      units: units.map(({ unit_id, name, workspace_id, is_default, quotas }) => ({ unit_id, name, workspace_id, is_default, quotas })),
    };
  }),
  /** Of today, in UTC. A unit that nobody has used today is left out. */
  "organizations.usage": operatorCall(OneOrganization, async (ctx, { organization_id }, { usage: world }) => {
    const today = new Date(ctx.now()).toISOString().slice(0, 10);
    const { usage } = await listUsage(ctx, { organization_id, from: today, to: today }, world);
    return { day: today, usage };
  }),
  "organizations.create": operatorCall(NewOrganization, async (ctx, given, { rememberingInDirectory }) =>
    createOrganization(
      ctx,
      given,
      rememberingInDirectory((organization: Organization) => organization),
    ),
  ),
  /** While it is `running`, more is left: call again. */
  "organizations.delete": operatorCall(OneOrganization, async (ctx, { organization_id }, { erasure }) => {
    const { status, deleted_at, rows, objects, signature } = await deleteOrganization(ctx, organization_id, await erasure());
    return { organization_id, status, deleted_at, rows, objects, signature };
  }),
  "limits.change": operatorCall(
    z.strictObject({ organization_id: z.string(), unit_id: z.string(), limits: LimitsChange }),
    (ctx, { organization_id, unit_id, limits }) => changeLimits(ctx, organization_id, unit_id, limits),
  ),
};
