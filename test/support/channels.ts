/** Channels as the operator makes them, and partners who call by key. */
import { expect } from "vitest";
import { adminPost, type Client, mintCredential, mintTenant, type Tenant } from "./tenant";
import { request } from "./worker";

export type Channel = {
  channel_id: string;
  public_id: string;
  property_definitions: { id: string; name: string; type: string; order: number; visible: boolean; active: boolean }[];
  lead_status: { id: string; status: string; order: number; color: string; visible: boolean }[];
  signing_secrets: { webhook_new_lead?: string; webhook_status_update?: string };
};

/** One call of the partner dialect. */
export type Partner = (action: string, fields?: Record<string, unknown>, bindings?: Partial<Env>) => Promise<Response>;

export const partnerWith =
  (key: string | null, path = "/partner"): Partner =>
  (action, fields = {}, bindings = {}) =>
    request(
      path,
      {
        method: "POST",
        headers: { "Content-Type": "application/json", ...(key === null ? {} : { "X-Api-Key": key }) },
        body: JSON.stringify({ action, ...fields }),
      },
      bindings,
    );

export async function mintPartner({ organization_id }: Pick<Tenant, "organization_id">, role?: string): Promise<Partner> {
  return partnerWith((await mintCredential(organization_id, { kind: "partner_key", ...(role ? { role } : {}) })).api_key);
}

export const STATUSES = ["New lead", "Qualified", "Won"];

/** A channel of the tenant's unit_default with two definitions and three statuses. */
export const mintChannel = (tenant: Pick<Tenant, "organization_id">, settings: Record<string, unknown> = {}): Promise<Channel> =>
  adminPost("/admin/channels", {
    title: "Referrals",
    home: { organization_id: tenant.organization_id, unit_id: "unit_default" },
    creator: tenant.organization_id,
    property_definitions: [
      { name: "Deal size", type: "number" },
      { name: "Region", type: "select" },
    ],
    lead_status: STATUSES.map((status) => ({ status })),
    ...settings,
  });

export type Scene = { tenant: Tenant; channel: Channel; key: string; call: Partner; client: Client };

/** A tenant with a channel of its own and a key for it. */
export async function mintScene(settings: Record<string, unknown> = {}): Promise<Scene> {
  const tenant = await mintTenant();
  const { api_key: key } = await mintCredential(tenant.organization_id, { kind: "partner_key" });
  return { tenant, channel: await mintChannel(tenant, settings), key, call: partnerWith(key), client: tenant.client };
}

/** What a call returns when it succeeds. */
export async function ok<Answer>(answer: Response | Promise<Response>): Promise<Answer> {
  const found = await answer;
  const text = await found.text();
  expect(found.status, text).toBe(200);
  return JSON.parse(text) as Answer;
}

/** The whole body of a refusal. */
export async function refused(
  answer: Response | Promise<Response>,
  status: number,
): Promise<{ error: string; invalid?: Record<string, unknown>[] }> {
  const found = await answer;
  const text = await found.text();
  expect([found.status, found.headers.get("Content-Type")], text).toEqual([status, "application/json"]);
  return JSON.parse(text) as { error: string };
}

export type Lead = {
  id: string;
  email: string | null;
  first_name: string | null;
  last_name: string | null;
  phone: string | null;
  company_name: string | null;
  notes: string | null;
  status: string;
  lead_status_id: string;
  lead_status: { id: string; status: string };
  channels_id: string;
  created_at: string;
  property_values: { id: string; value: string; property_definitions_id: string; property_definitions: { id: string; name: string } }[];
};

export async function mintChannelLead(
  { call, channel }: Pick<Scene, "call" | "channel">,
  fields: Record<string, unknown> = {},
): Promise<Lead> {
  return (await ok<{ lead: Lead }>(call("create_lead", { channel_id: channel.channel_id, ...fields }))).lead;
}

export const getLead = async ({ call }: Pick<Scene, "call">, lead_id: string): Promise<Lead> =>
  (await ok<{ lead: Lead }>(call("get_lead_by_id", { lead_id }))).lead;
