/** The org units of the organization, and what the one that is shown knows of its leads: its fields, and the values that it blocks. */
import { z } from "zod";
import { allowValue, type BlockedValue, type BlockReport, blockValue, listBlockedValues } from "../../../core/identity";
import { AliasInput, createProfileField, listProfileFields, ProfileFieldInput, publicLeadId } from "../../../core/leads";
import { createOrgUnit, listUsableOrgUnits, OrgUnitInput, type ShownOrgUnit, updateUsableOrgUnit } from "../../../core/org-units";
import { read, write, writeInDirectory } from "../call";

const NOTHING = z.strictObject({});

export const unitCalls = {
  "units.list": read(NOTHING, async (ctx) => (await listUsableOrgUnits(ctx)).map(unitView)),
  "units.create": writeInDirectory(OrgUnitInput, async (ctx, given, { rememberingInDirectory }) =>
    unitView(await createOrgUnit(ctx, given, rememberingInDirectory(unitView))),
  ),
  "units.change": write(OrgUnitInput.extend({ unit_id: z.string() }), async (ctx, { unit_id, ...changes }) =>
    unitView(await updateUsableOrgUnit(ctx, unit_id, changes)),
  ),
  "fields.list": read(NOTHING, async (ctx) => ({ fields: await listProfileFields(ctx) })),
  "fields.create": write(ProfileFieldInput, (ctx, given, { remembering }) =>
    createProfileField(
      ctx,
      given,
      remembering((field) => field),
    ),
  ),
  "blocked.list": read(NOTHING, async (ctx) => ({ values: await listBlockedValues(ctx) })),
  "blocked.add": write(AliasInput, async (ctx, given, { remembering }) => blockView(await blockValue(ctx, given, remembering(blockView)))),
  "blocked.remove": write(AliasInput, async (ctx, given) => {
    await allowValue(ctx, given);
    return {};
  }),
};

const unitView = (unit: ShownOrgUnit) => ({
  unit_id: unit.unit_id,
  name: unit.name,
  workspace_id: unit.workspace_id,
  external_ref: unit.external_ref,
  is_default: unit.is_default,
  default_region: unit.default_region,
  link_accounts_by_domain: unit.link_accounts_by_domain,
});

const blockView = ({ removed_from, conflicts_closed, ...value }: BlockedValue & BlockReport) => ({
  value,
  removed_from: removed_from && publicLeadId(removed_from),
  conflicts_closed,
});
