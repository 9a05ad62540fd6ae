/** What the operator manages: organizations, their credentials, and channels. Until there is an administrator the whole prefix does not exist. */

import { createMiddleware } from "hono/factory";
import { type CreatedCredential, createCredential, listAnyCredentials, recordFailure, revokeAnyCredential } from "../../core/auth";
import { createOrganization, type Organization } from "../../core/org-units";
import { AppError } from "../../errors";
import { sameSecret, sha256Hex } from "../../hash";
import { openAuth } from "../../open-context";
import { adminTokenHashOf } from "../../open-installation";
import { networkOf } from "../address";
import { credentialListView } from "../credential-views";
import { rememberingInDirectory, replayedWithoutSecret } from "../idempotency";
import { createRouter, type HttpEnv } from "../router";
import { audit, auditChannelChanges } from "./audit";
import { backup } from "./backup";
import { channels } from "./channels";

import { deadLetters } from "./dead-letters";
import { deleteOrganizationHandler, deleteOrganizationRoute } from "./delete-organization";
import { identityProviders } from "./identity-providers";

import { limits } from "./limits";
import { moves } from "./moves";
import { enterAsOperator, operator } from "./operator";
import { organizations } from "./organizations";
import { createCredentialRoute, createOrganizationRoute, listCredentialsRoute, revokeCredentialRoute } from "./routes";
import { usage } from "./usage";

const requireAdminToken = createMiddleware<HttpEnv>(async function requireAdminToken(c, next) {
  const tokenHash = await adminTokenHashOf(c.env);
  if (tokenHash === null) throw new AppError("not_found", "Not found");
  const sent = /^bearer +(\S+) *$/i.exec(c.req.header("Authorization") ?? "")?.[1] ?? "";
  if (!sameSecret(sha256Hex(sent), tokenHash)) {
    await recordFailure(await openAuth(c.env, networkOf(c)));
    throw new AppError("unauthenticated", "Invalid admin token");
  }
  enterAsOperator(c);
  await next();
});

export const admin = createRouter();
admin.use("/admin/*", requireAdminToken);
admin.use("/admin/channels/*", auditChannelChanges);
admin.route("/", organizations);
admin.route("/", channels);
admin.route("/", identityProviders);
admin.route("/", audit);
admin.route("/", limits);
admin.route("/", moves);
admin.route("/", deadLetters);
admin.route("/", usage);
admin.route("/", backup);
admin
  .openapi(createOrganizationRoute, async (c) => {
    const remember = rememberingInDirectory(c, 201, (organization: Organization) => organization);
    return c.json(await createOrganization(operator(c), c.req.valid("json"), remember), 201);
  })
  .openapi(deleteOrganizationRoute, deleteOrganizationHandler)
  .openapi(createCredentialRoute, async (c) => {
    const remember = rememberingInDirectory(c, 201, (created: CreatedCredential) => replayedWithoutSecret(credentialView(created)));
    const created = await createCredential(operator(c), c.req.valid("param").organization_id, c.req.valid("json"), remember);
    c.header("Cache-Control", "no-store");
    return c.json({ ...credentialView(created), ...shownSecret(created) }, 201);
  })
  .openapi(listCredentialsRoute, async (c) => {
    const { organization_id } = c.req.valid("param");
    return c.json(credentialListView(await listAnyCredentials(operator(c), organization_id, c.req.valid("query"))), 200);
  })
  .openapi(revokeCredentialRoute, async (c) => {
    const { organization_id, credential_id } = c.req.valid("param");
    await revokeAnyCredential(operator(c), organization_id, credential_id);
    return c.body(null, 204);
  });

const credentialView = ({ credential_id, kind, name, role, unit_id, client_id }: CreatedCredential) => ({
  credential_id,
  kind,
  name,
  role,
  unit_id: unit_id ?? null,
  ...(client_id === null ? {} : { client_id }),
});

function shownSecret({ kind, secret }: CreatedCredential) {
  if (kind === "service_account") return { client_secret: secret };
  return kind === "personal_token" ? { token: secret } : { api_key: secret };
}
