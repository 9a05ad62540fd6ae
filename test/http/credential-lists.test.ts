/** Which credentials there are, for the operator and for an organization's own admins. */
import { expect, it } from "vitest";
import { basicClient, clientWith, mintClient, mintCredential, mintTenant } from "../support/tenant";

const operator = clientWith({ Authorization: "Bearer test-admin-token" });

type Listed = { credential_id: string; kind: string; unit_id: string | null };
type Page = { credentials: Listed[]; next_cursor: string | null };
const read = async (answer: Response): Promise<Page> => {
  expect(answer.status).toBe(200);
  return answer.json<Page>();
};

it("workspace and partner keys are listed to an admin within the reach of their credential, without secrets", async () => {
  const { organization_id, client } = await mintTenant();
  const workspace = await mintCredential(organization_id, { kind: "workspace_key", unit_id: "unit_default" });
  const partner = await mintCredential(organization_id, { kind: "partner_key" });
  const whole = await mintClient(organization_id);
  const { organization_id: foreign, client: stranger } = await mintTenant();
  await mintCredential(foreign, { kind: "partner_key" });

  const answer = await whole.get("/settings/api-keys");
  const text = await answer.clone().text();
  for (const { api_key } of [workspace, partner]) expect(text).not.toContain(api_key);
  const idsOf = ({ credentials }: Page) => credentials.map(({ credential_id }) => credential_id).sort();
  expect(idsOf(await read(answer))).toEqual([workspace.credential_id, partner.credential_id].sort());
  expect(idsOf(await read(await client.get("/settings/api-keys")))).toEqual([workspace.credential_id]);
  expect(idsOf(await read(await stranger.get("/settings/api-keys")))).toEqual([]);
  const viewer = basicClient(await mintCredential(organization_id, { kind: "service_account", unit_id: "unit_default", role: "viewer" }));
  expect((await viewer.get("/settings/api-keys")).status).toBe(403);
});

it("the operator lists every kind, or one, page by page; a revoked credential is gone", async () => {
  const { organization_id, credential } = await mintTenant();
  const path = `/admin/organizations/${organization_id}/credentials`;
  const keys = [];
  for (let at = 0; at < 101; at++) keys.push(await mintCredential(organization_id, { kind: "partner_key" }));
  const first = await read(await operator.get(`${path}?kind=partner_key`));
  const second = await read(await operator.get(`${path}?kind=partner_key&cursor=${first.next_cursor}`));
  expect([first.credentials.length, second.credentials.length, second.next_cursor]).toEqual([100, 1, null]);
  expect(new Set([...first.credentials, ...second.credentials].map(({ credential_id }) => credential_id)).size).toBe(101);

  expect((await read(await operator.get(`${path}?kind=service_account`))).credentials).toMatchObject([
    { credential_id: credential.credential_id, kind: "service_account", unit_id: "unit_default", client_id: credential.client_id },
  ]);
  await operator.call("DELETE", `${path}/${credential.credential_id}`);
  expect((await read(await operator.get(`${path}?kind=service_account`))).credentials).toEqual([]);
  expect((await operator.get(`${path}?kind=nonsense`)).status).toBe(400);
});
