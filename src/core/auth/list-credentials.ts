/** The credentials of an organization, without their secrets. */
import type { CallerCtx } from "../../context";
import { CREDENTIAL_KINDS, type CredentialKind } from "../../vocabulary";
import { isOfOrganization, requireOperator, requireRole } from "./actor";
import { type CredentialWithHome, pageCredentials } from "./store";

const CREDENTIALS_PER_PAGE = 100;
const KEYS = ["workspace_key", "partner_key"] as const satisfies readonly CredentialKind[];

export type CredentialPage = { credentials: CredentialWithHome[]; next_cursor: string | null };
type Query = { kind?: CredentialKind | undefined; cursor?: string | undefined };

/** The operator's view of an organization: every kind, or one; 100 a page by descending id. One D1 round trip. Throws forbidden. */
export async function listAnyCredentials(ctx: CallerCtx, organizationId: string, { kind, cursor }: Query): Promise<CredentialPage> {
  requireOperator(ctx);
  return readPage(ctx, { organization_id: organizationId, kinds: kind ? [kind] : CREDENTIAL_KINDS, home: null, cursor });
}

/** The workspace and partner keys that the caller's credential reaches; 100 a page. Needs the role admin. One D1 round trip. Throws forbidden. */
export async function listApiKeys(ctx: CallerCtx, { cursor }: Pick<Query, "cursor">): Promise<CredentialPage> {
  requireRole(ctx, "admin");
  if (!isOfOrganization(ctx.actor)) throw new Error(`the ${ctx.actor.kind} has no keys`);
  const { organization_id, home } = ctx.actor;
  return readPage(ctx, { organization_id, kinds: KEYS, home, cursor });
}

type Page = { organization_id: string; kinds: readonly CredentialKind[]; home: string | null; cursor: string | undefined };

async function readPage({ directory }: CallerCtx, { cursor, ...of }: Page): Promise<CredentialPage> {
  const found = await pageCredentials(directory, { ...of, after: cursor ?? null, limit: CREDENTIALS_PER_PAGE + 1 });
  const credentials = found.slice(0, CREDENTIALS_PER_PAGE);
  return { credentials, next_cursor: found.length > CREDENTIALS_PER_PAGE ? (credentials.at(-1)?.credential.credential_id ?? null) : null };
}
