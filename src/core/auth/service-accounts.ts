/** Service accounts of an org unit (contract: secrets): each has all permissions of its unit, and no other unit's. */
import type { Ctx } from "../../context";
import { type MintedCredential, mintCredential, revokeCredential } from "./credentials";
import { type CredentialWithHome, listCredentials } from "./store";

const KIND = "service_account";

export const listServiceAccounts = ({ directory, unit }: Ctx): Promise<CredentialWithHome[]> =>
  listCredentials(directory, { organization_id: unit.organization_id, kind: KIND, home: unit.unit_id });

export const createServiceAccount = (ctx: Ctx, name: string): Promise<MintedCredential> =>
  mintCredential(ctx, { kind: KIND, organization_id: ctx.unit.organization_id, unit_id: ctx.unit.unit_id, name, role: "admin" });

export const revokeServiceAccount = (ctx: Ctx, credentialId: string): Promise<void> =>
  revokeCredential(ctx, {
    credential_id: credentialId,
    organization_id: ctx.unit.organization_id,
    home: ctx.unit.unit_id,
    by: "admin",
    kind: KIND,
  });
