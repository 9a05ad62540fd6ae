/** Lead lookup and profile update by alias: the contract's examples and its rules. */
import { expect, it } from "vitest";
import { importCsv } from "../support/imports";
import { mintTenant } from "../support/tenant";

it("a lead is found by its email as the contract shows", async () => {
  const { client } = await mintTenant();
  await importCsv(client, "Email,First Name,Company\nalex@example.com,Alex,Acme Corp\n", {
    primary_identifier: { column: "Email", kind: "email" },
    field_mappings: { "First Name": "first_name", Company: "company" },
  });
  const answer = await client.get("/lead/by-alias?kind=email&value=alex@example.com");
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({
    lead_id: expect.stringMatching(/^ld_[0-9a-f]{32}$/),
    email: "alex@example.com",
    metadata: { first_name: "Alex", company: "Acme Corp" },
  });
});
