/** What the operator manages: organizations, their credentials, and channels. Without an ADMIN_TOKEN the whole prefix does not exist. */

import { createMiddleware } from "hono/factory";
import { createCredential, recordFailure, revokeAnyCredential, sameSecret } from "../../core/auth";
import { createOrganization } from "../../core/org-units";
import { AppError } from "../../errors";
import { httpSettings, openAuth } from "../../open-context";
import type { CredentialKind } from "../../vocabulary";
import { networkOf } from "../address";
import { createRouter, type HttpEnv } from "../router";
import { audit, auditChannelChanges } from "./audit";
import { channels } from "./channels";

import { deadLetters } from "./dead-letters";
import { deleteOrganizationHandler, deleteOrganizationRoute } from "./delete-organization";
import { identityProviders } from "./identity-providers";

import { limits } from "./limits";
import { operator } from "./operator";
import { createCredentialRoute, createOrganizationRoute, revokeCredentialRoute } from "./routes";

const requireAdminToken = createMiddleware<HttpEnv>(async function requireAdminToken(c, next) {
  const { adminToken } = httpSettings(c.env);
  if (adminToken === null) throw new AppError("not_found", "Not found");
  const sent = /^bearer +(\S+) *$/i.exec(c.req.header("Authorization") ?? "")?.[1] ?? "";
  if (!sameSecret(sent, adminToken)) {
    await recordFailure(await openAuth(c.env, networkOf(c)));
    throw new AppError("unauthenticated", "Invalid admin token");
  }
  await next();
});

export const admin = createRouter();
admin.use("/admin/*", requireAdminToken);
admin.use("/admin/channels/*", auditChannelChanges);
admin.route("/", channels);
admin.route("/", identityProviders);
admin.route("/", audit);
admin.route("/", limits);
admin.route("/", deadLetters);
admin
  .openapi(createOrganizationRoute, async (c) => {
    const created = await createOrganization(operator(c), c.req.valid("json"));
    const org_units = created.org_units.map(({ unit_id, workspace_id, name, is_default }) => ({ unit_id, workspace_id, name, is_default }));
    return c.json({ ...created, org_units }, 201);
  })
  .openapi(deleteOrganizationRoute, deleteOrganizationHandler)
  .openapi(createCredentialRoute, async (c) => {
    const created = await createCredential(operator(c), c.req.valid("param").organization_id, c.req.valid("json"));
    const { credential_id, kind, name, role, unit_id = null } = created;
    c.header("Cache-Control", "no-store");
    return c.json({ credential_id, kind, name, role, unit_id, ...shownSecret(kind, created) }, 201);
  })
  .openapi(revokeCredentialRoute, async (c) => {
    const { organization_id, credential_id } = c.req.valid("param");
    await revokeAnyCredential(operator(c), organization_id, credential_id);
    return c.body(null, 204);
  });

function shownSecret(kind: CredentialKind, minted: { client_id: string | null; secret: string }) {
  if (kind === "service_account") return { client_id: minted.client_id ?? "", client_secret: minted.secret };
  return kind === "personal_token" ? { token: minted.secret } : { api_key: minted.secret };
}
