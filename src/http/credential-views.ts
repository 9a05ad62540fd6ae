/** Credentials as every dialect shows them: never their secrets. */
import { z } from "@hono/zod-openapi";
import type { CredentialPage } from "../core/auth";
import { isoTime, isoTimeOrNull } from "../time";
import { CREDENTIAL_KINDS } from "../vocabulary";

const Credential = z.object({
  credential_id: z.string(),
  kind: z.enum(CREDENTIAL_KINDS),
  name: z.string(),
  role: z.string(),
  unit_id: z.string().nullable().openapi({ description: "The only org unit that it opens; null: every one of the organization" }),
  client_id: z.string().optional().openapi({ description: "Of a service account" }),
  created_at: z.string(),
  expires_at: z.string().nullable(),
});

export const CredentialList = z.object({ credentials: z.array(Credential), next_cursor: z.string().nullable() });

export const CREDENTIAL_LIST_EXAMPLE = {
  credentials: [
    {
      credential_id: "cred_0193f3a2c7b07aa18000c0ffee123456",
      kind: "workspace_key" as const,
      name: "Website",
      role: "editor",
      unit_id: "unit_default",
      created_at: "2026-01-15T10:00:00.000Z",
      expires_at: null,
    },
  ],
  next_cursor: null,
};

export const Cursor = z.string().min(1).max(100).optional().openapi({ description: "`next_cursor` of the page before" });

export const credentialListView = ({ credentials, next_cursor }: CredentialPage): z.output<typeof CredentialList> => ({
  credentials: credentials.map(({ credential, home }) => ({
    credential_id: credential.credential_id,
    kind: credential.kind,
    name: credential.name,
    role: credential.role,
    unit_id: home,
    ...(credential.client_id === null ? {} : { client_id: credential.client_id }),
    created_at: isoTime(credential.created_at),
    expires_at: isoTimeOrNull(credential.expires_at),
  })),
  next_cursor,
});
