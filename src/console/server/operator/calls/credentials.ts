/** An organization's credentials. A secret is in the one response that creates it: a repeated call returns null in its place. */
import { z } from "zod";
import { type CreatedCredential, createCredential, listAnyCredentials, NewCredential, revokeAnyCredential } from "../../../../core/auth";
import { operatorCall } from "../call";

const organization_id = z.string();

export const credentialCalls = {
  "credentials.list": operatorCall(z.strictObject({ organization_id, cursor: z.string().optional() }), async (ctx, { cursor, ...of }) => {
    const { credentials, next_cursor } = await listAnyCredentials(ctx, of.organization_id, { cursor });
    return { credentials: credentials.map(({ credential, home }) => view({ ...credential, unit_id: home })), next_cursor };
  }),
  "credentials.create": operatorCall(
    NewCredential.omit({ expires_at: true }).extend({ organization_id }),
    async (ctx, { organization_id, ...given }, { rememberingInDirectory }) => {
      const responseOf = (created: CreatedCredential, secret: string | null) => ({ credential: view(created), secret });
      const created = await createCredential(
        ctx,
        organization_id,
        given,
        rememberingInDirectory((stored) => responseOf(stored, null)),
      );
      return responseOf(created, created.secret);
    },
  ),
  "credentials.revoke": operatorCall(z.strictObject({ organization_id, credential_id: z.string() }), async (ctx, of) => {
    await revokeAnyCredential(ctx, of.organization_id, of.credential_id);
    return {};
  }),
};

type Shown = Pick<CreatedCredential, "credential_id" | "name" | "role" | "client_id" | "created_at" | "expires_at"> & {
  kind: string;
  unit_id?: string | null | undefined;
};

const view = ({ credential_id, kind, name, role, client_id, created_at, expires_at, unit_id = null }: Shown) => ({
  credential_id,
  kind,
  name,
  role,
  client_id,
  created_at,
  expires_at,
  unit_id,
});
