/** Quotas as the operator sets them. */
import { expect } from "vitest";
import type { QuotaName } from "../../src/quotas";
import { bearerClient, type Tenant } from "./tenant";

export const operator = bearerClient("test-admin-token");

export const limitsPath = ({ organization_id }: Pick<Tenant, "organization_id">, unitId = "unit_default"): string =>
  `/admin/organizations/${organization_id}/org-units/${unitId}/limits`;

export type LimitsView = Record<QuotaName, number> & { organization_id: string; unit_id: string; defaults: QuotaName[] };

export async function setLimits(
  tenant: Pick<Tenant, "organization_id">,
  limits: Partial<Record<QuotaName, number | null>>,
  unitId?: string,
): Promise<LimitsView> {
  const response = await operator.call("PUT", limitsPath(tenant, unitId), { json: limits });
  expect(response.status, await response.clone().text()).toBe(200);
  return response.json<LimitsView>();
}
