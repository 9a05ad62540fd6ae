/** A client of the workspace dialect: a key, its answers and its errors. */
import { expect } from "vitest";
import { bearerClient, type Client, mintCredential, mintTenant, type Tenant } from "./tenant";

export type WireLead = {
  id: string;
  name: string | null;
  email: string | null;
  phone: string | null;
  source: string | null;
  status: string;
  metadata: Record<string, unknown>;
  createdAt: string;
  updatedAt: string;
  workspaceId: string;
};
export type Page = {
  leads: WireLead[];
  pagination: { page: number; limit: number; total: number; totalPages: number; hasNext: boolean; hasPrev: boolean };
};

export type Workspace = {
  tenant: Tenant;
  key: string;
  credential_id: string;
  client: Client;
  create: (lead?: Record<string, unknown>) => Promise<WireLead>;
  get: (id: string) => Promise<WireLead>;
  put: (id: string, json: unknown) => Promise<WireLead>;
  list: (query?: string) => Promise<Page>;
};

export async function mintWorkspace(
  wanted: { unit_id?: string; role?: string; rate_limit_per_hour?: number } = { unit_id: "unit_default" },
  tenant?: Tenant,
): Promise<Workspace> {
  const owner = tenant ?? (await mintTenant());
  const { api_key: key, credential_id } = await mintCredential(owner.organization_id, { kind: "workspace_key", ...wanted });
  const client = bearerClient(key);
  return {
    tenant: owner,
    key,
    credential_id,
    client,
    create: async (lead = {}) => {
      const email = `p${crypto.randomUUID()}@example.com`;
      return dataOf(await client.post("/api/v1/leads", { name: "John Doe", email, ...lead }), 201);
    },
    get: async (id) => dataOf(await client.get(`/api/v1/leads/${id}`)),
    put: async (id, json) => dataOf(await client.call("PUT", `/api/v1/leads/${id}`, { json })),
    list: async (query = "") => dataOf(await client.get(`/api/v1/leads${query}`)),
  };
}

export async function dataOf<Data>(answer: Response, status = 200): Promise<Data> {
  const text = await answer.text();
  expect(answer.status, text).toBe(status);
  const body = JSON.parse(text) as { success: boolean; data: Data };
  expect(body.success).toBe(true);
  return body.data;
}

export type WireError = { success: false; error: string; code: string; details?: Record<string, unknown>; requestId: string };

/** The error that an answer carries; it must be whole, and of this status. */
export async function readError(answer: Response, status: number, code?: string): Promise<WireError> {
  const text = await answer.text();
  expect([answer.status, answer.headers.get("Content-Type")], text).toEqual([status, "application/json"]);
  const error = JSON.parse(text) as WireError;
  expect(Object.keys(error).filter((key) => key !== "details")).toEqual(["success", "error", "code", "requestId"]);
  expect(error).toMatchObject({ success: false, error: expect.any(String), requestId: answer.headers.get("X-Request-Id") });
  expect(error.code).toMatch(/^[A-Z_]+$/);
  if (code) expect(error.code).toBe(code);
  return error;
}
