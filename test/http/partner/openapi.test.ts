/** The document of the partner dialect says what it accepts and returns. */
import { expect, it } from "vitest";
import { RESPONSE_EXAMPLES } from "../../../src/http/partner/examples";
import { RESPONSES } from "../../../src/http/partner/responses";
import { mintChannelLead, mintScene, ok, partnerWith, refused } from "../../support/channels";
import { apiOperations } from "../../support/worker";

type Schema = { oneOf?: { $ref: string }[]; discriminator?: { propertyName: string; mapping: Record<string, string> } };

it("a body is decidable by its action alone", async () => {
  const operation = (await apiOperations()).find(({ path }) => path === "/partner");
  const schema = operation?.requestBody?.content["application/json"]?.schema as Schema | undefined;
  const mapping = schema?.discriminator?.mapping ?? {};
  expect(schema?.discriminator?.propertyName).toBe("action");
  expect(Object.values(mapping)).toEqual(schema?.oneOf?.map(({ $ref }) => $ref));
  const refusal = await refused((await mintScene()).call("none"), 400);
  const known = refusal.error.split("known actions: ")[1]?.split(", ");
  expect(Object.keys(mapping).sort()).toEqual(known?.sort());
});

it("every example response fits its schema", () => {
  for (const { action, shape, response } of RESPONSE_EXAMPLES) {
    expect(RESPONSES[shape].safeParse(response).error, action).toBeUndefined();
  }
});

it("every action returns what its schema says", async () => {
  const scene = await mintScene({ no_auth_api: true });
  const { channel, call } = scene;
  const { id: lead_id } = await mintChannelLead(scene, { email: "a@example.com" });
  const { channel_id } = channel;
  const status_id = channel.lead_status.at(-1)?.id;
  const calls: [keyof typeof RESPONSES, Response | Promise<Response>][] = [
    ["channels", call("get_channels")],
    ["leads", call("get_leads", { channel_id })],
    ["lead", call("get_lead_by_id", { lead_id })],
    ["lead", call("create_lead", { channel_id, notes: "x" })],
    ["lead", call("update_lead", { lead_id, properties: [{ property_definitions_id: channel.property_definitions[0]?.id, value: 5 }] })],
    ["movedLead", call("update_status", { lead_id, status: "Won" })],
    ["movedLead", call("update_status_id", { lead_id, status_id })],
    ["purchase", call("create_purchase", { lead_id, purchase_amount: 5 })],
    ["publicLead", partnerWith(null)("lead_external", { channel_id, first_name: "Kim" })],
  ];
  for (const [shape, response] of calls) {
    expect(RESPONSES[shape].safeParse(await ok(response)).error, shape).toBeUndefined();
  }
});
