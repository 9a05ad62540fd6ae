/** The verbs of OAuth grants check the caller's role themselves, whichever dialect calls them. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Ctx } from "../../../src/context";
import { createCredential, createGrant, listGrants, revokeGrant } from "../../../src/core/auth";
import { approveAuthorization, registerClient } from "../../../src/core/authorization";
import { mintCtx } from "../../support/context";
import { CHALLENGE, queryOf, REDIRECT_URI } from "../../support/oauth";
import { ORIGIN } from "../../support/worker";

const SERVICE = { origin: ORIGIN, resources: [ORIGIN] };
const TERMS = { client_id: "client", redirect_uri: REDIRECT_URI, code_challenge: CHALLENGE, resource: null };

/** A real credential of the organization of this role. */
async function memberOf(operator: Ctx, role: "viewer" | "editor" | "admin"): Promise<Ctx> {
  const { organization_id } = operator.unit;
  const { credential_id } = await createCredential(operator, organization_id, { kind: "service_account", name: role, role });
  return { ...operator, actor: { kind: "credential", credential_id, organization_id, role, home: null } };
}

const mintOperator = async (): Promise<Ctx> => ({ ...(await mintCtx()), actor: { kind: "operator" } });

const grantsOf = async ({ unit }: Ctx): Promise<number> =>
  Number(
    await env.DB.prepare("SELECT count(*) AS n FROM credentials WHERE organization_id = ?1 AND kind = 'oauth_grant' AND revoked_at IS NULL")
      .bind(unit.organization_id)
      .first("n"),
  );

it.each([
  ["viewer", "editor"],
  ["viewer", "admin"],
  ["editor", "admin"],
] as const)("a %s cannot grant the role %s, and nothing is stored", async (own, role) => {
  const ctx = await memberOf(await mintOperator(), own);
  const { client_id } = registerClient(ctx, { client_name: "Agent", redirect_uris: [REDIRECT_URI] });
  const forbidden = { code: "forbidden" };
  await expect(createGrant(ctx, { role, name: "Agent", terms: TERMS })).rejects.toMatchObject(forbidden);
  await expect(approveAuthorization(ctx, SERVICE, { query: queryOf(client_id), role })).rejects.toMatchObject(forbidden);
  expect(await grantsOf(ctx)).toBe(0);
  await approveAuthorization(ctx, SERVICE, { query: queryOf(client_id), role: own });
  expect(await grantsOf(ctx)).toBe(1);
});

it("a colleague's grant is ended by an admin alone, and one of a higher role does not exist for others", async () => {
  const operator = await mintOperator();
  const [admin, editor, viewer] = [
    await memberOf(operator, "admin"),
    await memberOf(operator, "editor"),
    await memberOf(operator, "viewer"),
  ];
  await createGrant(editor, { role: "viewer", name: "Low", terms: TERMS });
  await createGrant(editor, { role: "editor", name: "High", terms: TERMS });
  const ids = new Map((await listGrants(admin)).map(({ name, grant_id }) => [name, grant_id]));
  const low = ids.get("Low") ?? "";
  const high = ids.get("High") ?? "";
  await expect(revokeGrant(viewer, low)).rejects.toMatchObject({ code: "forbidden" });
  await expect(revokeGrant(viewer, high)).rejects.toMatchObject({ code: "not_found" });
  expect(await grantsOf(editor)).toBe(2);
  await revokeGrant(admin, low);
  await revokeGrant(editor, high);
  expect(await grantsOf(editor)).toBe(0);
});
