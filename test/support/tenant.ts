/** Every test mints its own tenant, so none can see another's leads. */
import { importCsv } from "./imports";
import { ORIGIN, request } from "./worker";

export type Credential = { credential_id: string; client_id: string; client_secret: string; token: string; api_key: string };

/** A client of the engagement dialect with the credentials of one tenant. */
export type Client = {
  /** a request as this client; an object as `json` becomes the body */
  call: (method: string, path: string, options?: CallOptions) => Promise<Response>;
  get: (path: string, options?: CallOptions) => Promise<Response>;
  post: (path: string, json?: unknown, options?: CallOptions) => Promise<Response>;
  patch: (path: string, json: unknown, options?: CallOptions) => Promise<Response>;
};
export type CallOptions = { json?: unknown; body?: BodyInit; headers?: Record<string, string>; bindings?: Partial<Env> };

export type Tenant = {
  organization_id: string;
  company_id: string;
  /** workspace id of unit_default */
  workspace_id: string;
  /** service account with the role admin and unit_default as its home */
  client: Client;
  credential: Credential;
};

const ADMIN = { Authorization: "Bearer test-admin-token" };

export async function adminPost<Answer>(path: string, json: unknown): Promise<Answer> {
  const answer = await request(path, {
    method: "POST",
    headers: { ...ADMIN, "Content-Type": "application/json" },
    body: JSON.stringify(json),
  });
  if (answer.status !== 201) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return answer.json<Answer>();
}

export async function adminDelete(path: string): Promise<number> {
  return (await request(path, { method: "DELETE", headers: ADMIN })).status;
}

export async function mintTenant(settings: { default_region?: string } = {}): Promise<Tenant> {
  const organization = await adminPost<{ organization_id: string; company_id: string; org_units: { workspace_id: string }[] }>(
    "/admin/organizations",
    { name: "Test", ...settings },
  );
  const credential = await mintCredential(organization.organization_id, { kind: "service_account", unit_id: "unit_default" });
  return {
    organization_id: organization.organization_id,
    company_id: organization.company_id,
    workspace_id: organization.org_units[0]?.workspace_id ?? "",
    client: basicClient(credential),
    credential,
  };
}

export const mintCredential = (
  organizationId: string,
  wanted: { kind: string; unit_id?: string; role?: string; expires_at?: string; rate_limit_per_hour?: number },
): Promise<Credential> => adminPost(`/admin/organizations/${organizationId}/credentials`, { name: "test", ...wanted });

export const basicHeader = (credential: { client_id: string; client_secret: string }): string =>
  `Basic ${btoa(`${credential.client_id}:${credential.client_secret}`)}`;

export const basicClient = (credential: { client_id: string; client_secret: string }): Client =>
  clientWith({ Authorization: basicHeader(credential) });

export function clientWith(identity: Record<string, string>): Client {
  const call = (method: string, path: string, { json, body, headers, bindings }: CallOptions = {}) =>
    request(
      path,
      {
        method,
        headers: { ...identity, ...(json === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
        ...(json === undefined ? (body === undefined ? {} : { body }) : { body: JSON.stringify(json) }),
      },
      bindings,
    );
  return {
    call,
    get: (path, options) => call("GET", path, options),
    post: (path, json, options) => call("POST", path, json === undefined ? options : { ...options, json }),
    patch: (path, json, options) => call("PATCH", path, { ...options, json }),
  };
}

export const bearerClient = (token: string): Client => clientWith({ Authorization: `Bearer ${token}` });

/** A service account of the organization; without `unit_id` it has no home. */
export async function mintClient(organizationId: string, wanted: { unit_id?: string; role?: string } = {}): Promise<Client> {
  return basicClient(await mintCredential(organizationId, { kind: "service_account", ...wanted }));
}

/** Another org unit of the tenant; returns its id. */
export async function mintUnit({ organization_id }: Pick<Tenant, "organization_id">, name: string): Promise<string> {
  const answer = await (await mintClient(organization_id)).post("/org-units", { name });
  if (answer.status !== 201) throw new Error(`POST /org-units answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json<{ unit_id: string }>()).unit_id;
}

/** A lead with these aliases, created as clients create leads: by an import. Returns its id. */
export async function mintLead(
  client: Client,
  aliases: Partial<Record<"email" | "phone" | "external_id" | "cookie" | "social", string>>,
  metadata: Record<string, unknown> = {},
): Promise<string> {
  const [[kind, value] = ["email", ""], ...others] = Object.entries(aliases);
  const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const job = await importCsv(client, `${Object.keys(aliases).join(",")},_\n${Object.values(aliases).map(cell).join(",")},\n`, {
    primary_identifier: { column: kind, kind },
    alias_mappings: Object.fromEntries(others.map(([other]) => [other, `_alias_${other}`])),
  });
  if (job.created_count !== 1) throw new Error(`no lead was created: ${JSON.stringify(job)}`);
  const patched = await client.patch("/lead/by-alias/metadata", { alias_kind: kind, alias_value: value, attributes: metadata });
  return (await patched.json<{ lead_id: string }>()).lead_id;
}

export { ORIGIN };
