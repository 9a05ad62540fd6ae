/** Programs that act in somebody's name: their requests, and what was granted to them. */
import { z } from "zod";
import { type Grant, listGrants, revokeGrant } from "../../../core/auth";
import { approveAuthorization, documentHost, redirectHost, viewAuthorization } from "../../../core/authorization";
import { ROLES } from "../../../vocabulary";
import { read, write } from "../call";

const QUERY_CHARS_MAX = 16_000;
const Query = z.string().max(QUERY_CHARS_MAX);

export const authorizationCalls = {
  "authorization.view": read(z.strictObject({ query: Query }), async (ctx, { query }, { service }) => ({
    ...(await viewAuthorization(ctx, service, query)),
    unit: { unit_id: ctx.unit.unit_id, name: ctx.unit.name },
  })),
  /** The code is in this one response, and lives for a minute. */
  "authorization.approve": write(z.strictObject({ query: Query, role: z.enum(ROLES) }), (ctx, given, { service }) =>
    approveAuthorization(ctx, service, given),
  ),
  "grants.list": read(z.strictObject({}), async (ctx) => (await listGrants(ctx)).map(grantView)),
  "grants.revoke": write(z.strictObject({ grant_id: z.string() }), async (ctx, { grant_id }) => {
    await revokeGrant(ctx, grant_id);
    return {};
  }),
};

const grantView = ({ redirect_uri, ...grant }: Grant) => ({
  ...grant,
  /** null: nobody has verified the name */
  host: documentHost(grant.client_id),
  /** null: a program on somebody's device */
  redirect_host: redirectHost(redirect_uri),
});
