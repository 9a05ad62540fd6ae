/** Service accounts of the org unit: what programs sign in with. */
import { z } from "zod";
import { createServiceAccount, listServiceAccounts, NewServiceAccount, revokeServiceAccount } from "../../../core/auth";
import { read, write } from "../call";

export const credentialCalls = {
  "credentials.list": read(z.strictObject({}), async (ctx) =>
    (await listServiceAccounts(ctx)).map(({ credential: { credential_id, client_id, name, created_at } }) => ({
      credential_id,
      client_id,
      name,
      created_at,
    })),
  ),
  /** The secret is in this one response, and stored nowhere. */
  "credentials.create": write(NewServiceAccount, async (ctx, given) => {
    const { credential_id, client_id, name, created_at, secret } = await createServiceAccount(ctx, given);
    return { credential: { credential_id, client_id, name, created_at }, client_secret: secret };
  }),
  "credentials.revoke": write(z.strictObject({ credential_id: z.string() }), async (ctx, { credential_id }) => {
    await revokeServiceAccount(ctx, credential_id);
    return {};
  }),
};
