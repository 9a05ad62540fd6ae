/** The core without HTTP: a context in a tenant's default org unit. */
import { env } from "cloudflare:workers";
import type { Ctx } from "../../src/context";
import { openSystem } from "../../src/open-context";
import type { Role } from "../../src/vocabulary";
import { mintTenant, type Tenant } from "./tenant";

export async function unitKeyOf({ workspace_id }: Pick<Tenant, "workspace_id">): Promise<number> {
  return Number(await env.DB.prepare("SELECT unit FROM org_units WHERE workspace_id = ?1").bind(workspace_id).first("unit"));
}

export async function mintCtx(bindings: Partial<Env> = {}): Promise<Ctx & { tenant: Tenant }> {
  const tenant = await mintTenant();
  return { ...(await openSystem({ ...env, ...bindings }, await unitKeyOf(tenant), "req_test")), tenant };
}

/** Every row of every table of a unit that holds the text anywhere, by table. */
export async function tracesOf(unit: number, text: string): Promise<Record<string, number>> {
  const { results: tables } = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%`unit` integer%' AND name NOT IN ('org_units', 'credentials')",
  ).all<{ name: string }>();
  const found: Record<string, number> = {};
  for (const { name } of tables) {
    const { results } = await env.DB.prepare(`SELECT * FROM ${name} WHERE unit = ?1`).bind(unit).all();
    const rows = results.filter((row) => JSON.stringify(row).includes(text)).length;
    if (rows > 0) found[name] = rows;
  }
  return found;
}

/** The same org unit, seen by a credential of this role. */
export const withRole = (ctx: Ctx, role: Role): Ctx => ({
  ...ctx,
  actor: { kind: "credential", credential_id: "cred_test", organization_id: ctx.unit.organization_id, role, home: null },
});
