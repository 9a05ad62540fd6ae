/**
 * What programs sign in with: service accounts, write keys, personal tokens. A secret is in the one response that creates it, and stored
 * nowhere: a repeated call returns the same with null in its place.
 */
import { z } from "zod";
import {
  createPersonalToken,
  createServiceAccount,
  createWriteKey,
  listApiKeys,
  listOwnIdentityProviders,
  listPersonalTokens,
  listServiceAccounts,
  listWriteKeys,
  type MintedServiceAccount,
  type MintedToken,
  NewPersonalToken,
  NewServiceAccount,
  NewWriteKey,
  revokePersonalToken,
  revokeServiceAccount,
  revokeWriteKey,
  type WriteKey,
} from "../../../core/auth";
import { read, write, writeInDirectory } from "../call";

const NOTHING = z.strictObject({});
const OneCredential = z.strictObject({ credential_id: z.string() });

export const credentialCalls = {
  "credentials.list": read(NOTHING, async (ctx) => (await listServiceAccounts(ctx)).map(({ credential }) => accountView(credential))),
  "credentials.create": writeInDirectory(NewServiceAccount, async (ctx, given, { rememberingInDirectory }) => {
    const view = (account: MintedServiceAccount, client_secret: string | null) => ({ credential: accountView(account), client_secret });
    const account = await createServiceAccount(
      ctx,
      given,
      rememberingInDirectory((minted) => view(minted, null)),
    );
    return view(account, account.secret);
  }),
  "credentials.revoke": write(OneCredential, async (ctx, { credential_id }) => {
    await revokeServiceAccount(ctx, credential_id);
    return {};
  }),
  "tokens.list": read(NOTHING, async (ctx) => (await listPersonalTokens(ctx)).map(({ credential }) => tokenView(credential))),
  "tokens.create": writeInDirectory(NewPersonalToken, async (ctx, given, { rememberingInDirectory }) => {
    const view = (minted: MintedToken, token: string | null) => ({ credential: tokenView(minted), token });
    const minted = await createPersonalToken(
      ctx,
      given,
      rememberingInDirectory((kept) => view(kept, null)),
    );
    return view(minted, minted.secret);
  }),
  "tokens.revoke": write(OneCredential, async (ctx, { credential_id }) => {
    await revokePersonalToken(ctx, credential_id);
    return {};
  }),
  "writeKeys.list": read(NOTHING, async (ctx) => (await listWriteKeys(ctx)).map(writeKeyView)),
  "writeKeys.create": writeInDirectory(NewWriteKey, async (ctx, given, { rememberingInDirectory }) => {
    const view = (key: WriteKey, write_key: string | null) => ({ credential: writeKeyView(key), write_key });
    const minted = await createWriteKey(
      ctx,
      given,
      rememberingInDirectory((key) => view(key, null)),
    );
    return view(minted, minted.write_key);
  }),
  "writeKeys.revoke": write(OneCredential, async (ctx, { credential_id }) => {
    await revokeWriteKey(ctx, credential_id);
    return {};
  }),
  /** The operator creates them. */
  "apiKeys.list": read(NOTHING, async (ctx) => {
    const { credentials, next_cursor } = await listApiKeys(ctx, {});
    const keys = credentials.map(({ credential: { credential_id, kind, name, role, created_at }, home }) => {
      return { credential_id, kind, name, role, home, created_at };
    });
    return { keys, more: next_cursor !== null };
  }),
  /** The operator sets them. */
  "identity.list": read(NOTHING, async (ctx) =>
    (await listOwnIdentityProviders(ctx)).map(({ identity_provider_id, issuer, audience, jwks_url, created_at }) => {
      return { identity_provider_id, issuer, audience, jwks_url, created_at };
    }),
  ),
};

type Named = { credential_id: string; name: string; created_at: number };

const accountView = ({ credential_id, client_id, name, created_at }: Named & { client_id: string | null }) => ({
  credential_id,
  client_id,
  name,
  created_at,
});

const tokenView = ({ credential_id, name, created_at, expires_at }: Named & { expires_at: number | null }) => ({
  credential_id,
  name,
  created_at,
  expires_at,
});

const writeKeyView = ({ write_key_id, name, origins, created_at }: WriteKey) => ({
  credential_id: write_key_id,
  name,
  origins: [...origins],
  created_at,
});
