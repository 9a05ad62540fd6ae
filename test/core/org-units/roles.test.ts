/** The verbs of organizations and org units check role and input themselves, whichever dialect calls them. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Ctx } from "../../../src/context";
import { createOrganization, createOrgUnit, openSession, requireOrgUnitOf, updateUsableOrgUnit } from "../../../src/core/org-units";
import { signingKeysOf } from "../../../src/open-context";
import { mintCtx, withRole } from "../../support/context";

const unitsOf = async ({ unit }: Ctx): Promise<string> =>
  JSON.stringify(
    (await env.DB.prepare("SELECT * FROM org_units WHERE organization_id = ?1 ORDER BY unit").bind(unit.organization_id).all()).results,
  );

const VERBS: [string, (ctx: Ctx) => Promise<unknown>][] = [
  ["createOrgUnit", (ctx) => createOrgUnit(ctx, { name: "EMEA" })],
  ["updateUsableOrgUnit", (ctx) => updateUsableOrgUnit(ctx, "unit_default", { name: "Renamed" })],
];

it.each(VERBS)("%s: an editor is refused and nothing changes; an admin may", async (_, call) => {
  const ctx = await mintCtx();
  const before = await unitsOf(ctx);
  for (const role of ["viewer", "editor"] as const) {
    await expect(call(withRole(ctx, role))).rejects.toMatchObject({ code: "forbidden" });
  }
  expect(await unitsOf(ctx)).toBe(before);
  await call(withRole(ctx, "admin"));
  expect(await unitsOf(ctx)).not.toBe(before);
});

it("only the operator creates organizations and enters units by organization", async () => {
  const ctx = await mintCtx();
  const admin = withRole(ctx, "admin");
  await expect(createOrganization(admin, { name: "Mine" })).rejects.toMatchObject({ code: "forbidden" });
  await expect(requireOrgUnitOf(admin, ctx.unit.organization_id, "unit_default")).rejects.toMatchObject({ code: "forbidden" });
  const operator: Ctx = { ...ctx, actor: { kind: "operator" } };
  const { organization_id } = await createOrganization(operator, { name: "Acme", default_region: "gb" });
  expect(await requireOrgUnitOf(operator, organization_id, "unit_default")).toMatchObject({ default_region: "GB" });
});

const NAMES = ["", " ", "x".repeat(5000), "a\0b", "\ud800", 5, null, undefined, {}];

it("input outside the limits is invalid_request, and nothing is stored", async () => {
  const ctx = await mintCtx();
  const admin = withRole(ctx, "admin");
  const operator: Ctx = { ...ctx, actor: { kind: "operator" } };
  const key = await signingKeysOf(env);
  const before = await unitsOf(ctx);
  const units = [
    undefined,
    null,
    ...NAMES.map((name) => ({ name })),
    ...["", "Germany", "UK", 49].map((default_region) => ({ name: "x", default_region })),
    ...["a\0b", "\udfff", "x".repeat(201), 7].map((external_ref) => ({ name: "x", external_ref })),
  ];
  const verbs: [string, unknown[], (input: never) => Promise<unknown>][] = [
    ["createOrgUnit", units, (input) => createOrgUnit(admin, input)],
    ["updateUsableOrgUnit", units, (input) => updateUsableOrgUnit(admin, "unit_default", input)],
    ["createOrganization", NAMES.map((name) => ({ name })), (input) => createOrganization(operator, input)],
    ["openSession", [{}, { ouId: "" }, { ouId: 5 }, null], (input) => openSession(admin, key, input)],
  ];
  for (const [verb, inputs, call] of verbs) {
    for (const input of inputs) {
      const refusal = await call(input as never).catch((error: unknown) => error);
      expect(refusal, `${verb} ${JSON.stringify(input)}`).toMatchObject({ code: "invalid_request" });
    }
  }
  expect(await unitsOf(ctx)).toBe(before);
});
