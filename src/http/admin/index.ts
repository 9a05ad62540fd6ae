/** Provisioning by the operator: organizations and their credentials. Without an ADMIN_TOKEN the whole prefix does not exist. */

import { createMiddleware } from "hono/factory";
import { mintCredential, revokeCredential, sameSecret } from "../../core/auth";
import { createOrganization } from "../../core/org-units";
import { AppError } from "../../errors";
import { httpSettings, openDirectoryCtx } from "../../open-context";
import type { CredentialKind } from "../../vocabulary";
import { createRouter, type HttpEnv } from "../router";
import { channels } from "./channels";
import { createCredential, createOrganizationRoute, revokeCredentialRoute } from "./routes";

const requireAdminToken = createMiddleware<HttpEnv>(async function requireAdminToken(c, next) {
  const { adminToken } = httpSettings(c.env);
  if (adminToken === null) throw new AppError("not_found", "Not found");
  const sent = /^bearer +(\S+) *$/i.exec(c.req.header("Authorization") ?? "")?.[1] ?? "";
  if (!sameSecret(sent, adminToken)) throw new AppError("unauthenticated", "Invalid admin token");
  await next();
});

export const admin = createRouter();
admin.use("/admin/*", requireAdminToken);
admin.route("/", channels);
admin
  .openapi(createOrganizationRoute, async (c) => {
    const { name, default_region } = c.req.valid("json");
    const created = await createOrganization(openDirectoryCtx(c.env), { name, default_region: default_region ?? null });
    return c.json(
      {
        ...created,
        org_units: created.org_units.map(({ unit_id, workspace_id, name, is_default }) => ({ unit_id, workspace_id, name, is_default })),
      },
      201,
    );
  })
  .openapi(createCredential, async (c) => {
    const { organization_id } = c.req.valid("param");
    const { kind, name, unit_id, role, rate_limit_per_hour, expires_at } = c.req.valid("json");
    const minted = await mintCredential(openDirectoryCtx(c.env), {
      kind,
      organization_id,
      name,
      role,
      unit_id: unit_id ?? null,
      rate_limit_per_hour: rate_limit_per_hour ?? null,
      expires_at: expires_at ? Date.parse(expires_at) : null,
    });
    c.header("Cache-Control", "no-store");
    return c.json({ credential_id: minted.credential_id, kind, name, role, unit_id: unit_id ?? null, ...shownSecret(kind, minted) }, 201);
  })
  .openapi(revokeCredentialRoute, async (c) => {
    const { organization_id, credential_id } = c.req.valid("param");
    await revokeCredential(openDirectoryCtx(c.env), { organization_id, credential_id, home: null, by: "admin" });
    return c.body(null, 204);
  });

function shownSecret(kind: CredentialKind, minted: { client_id: string | null; secret: string }) {
  if (kind === "service_account") return { client_id: minted.client_id ?? "", client_secret: minted.secret };
  return kind === "personal_token" ? { token: minted.secret } : { api_key: minted.secret };
}
