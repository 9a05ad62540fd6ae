/** A merged lead's id, on every route that takes a lead's id: 410 with the surviving lead, which `follow=true` goes on with. */
import { beforeAll, expect, it } from "vitest";
import { ingest } from "../../support/events";
import { leadIdOf, merge } from "../../support/merges";
import { type Client, mintLead, mintTenant } from "../../support/tenant";
import { apiOperations, readProblem } from "../../support/worker";

let client: Client;
let target: string;
let source: string;
beforeAll(async () => {
  ({ client } = await mintTenant());
  await ingest(client, { alias_kind: "email", alias: "t@example.com", event_type: "Page View" });
  await ingest(client, { alias_kind: "email", alias: "s@example.com", event_type: "Page View" });
  target = await leadIdOf(client, "t@example.com");
  source = await leadIdOf(client, "s@example.com");
  await merge(client, target, [source]);
});

/** In an order in which the last ones may end the lead. */
const BODIES: Record<string, object> = {
  "PUT /lead/{leadId}": { status: "contacted" },
  "PATCH /lead/{leadId}/metadata": { title: "CTO" },
  "POST /lead/{leadId}/aliases": { kind: "cookie", value: "ck_1" },
  "POST /leads/{leadId}/owner": { owner_id: "u_1", owner_name: "Sam" },
};
const LAST = ["DELETE /leads/{leadId}/watch", "POST /lead/{leadId}/erase", "DELETE /lead/{leadId}"];

it("is 410 on every route, and follow=true reaches the surviving lead", async () => {
  const routes = (await apiOperations())
    .filter(({ path }) => path.includes("{leadId}") && !path.startsWith("/api/") && !path.endsWith("/unmerge"))
    .map(({ method, path }) => `${method} ${path}`)
    .sort((a, b) => LAST.indexOf(a) - LAST.indexOf(b));
  expect(routes.length).toBeGreaterThan(15);
  for (const route of routes) {
    const [method = "", path = ""] = route.split(" ");
    const named = path.replace("{leadId}", source).replace("{kind}", "cookie").replace("{value}", "ck_1");
    const json = BODIES[route];
    const options = json === undefined ? {} : { json };
    expect(await readProblem(await client.call(method, named, options), 410), route).toMatchObject({ merged_into: target });
    await readProblem(await client.call(method, `${named}?follow=maybe`, options), 400);
    if (route === "DELETE /lead/{leadId}") break;
    const answer = await client.call(method, `${named}?follow=true`, options);
    expect(answer.status, `${route}: ${await answer.clone().text()}`).toBeLessThan(300);
    if (route === "POST /lead/{leadId}/erase") {
      await readProblem(await client.get(`/lead/${target}`), 404);
      return;
    }
  }
});

it("is 404 for an id that no lead ever had, and for another tenant", async () => {
  const other = (await mintTenant()).client;
  await readProblem(await other.get(`/lead/${source}/aliases?follow=true`), 404);
  await readProblem(await other.get(`/lead/${source}/aliases`), 404);
  await readProblem(await client.get("/lead/ld_0193f3a2c7b07aa18000c0ffee123456/aliases?follow=true"), 404);
});

it("is not deleted by the id that it had: its journal stays, and an unmerge brings it back", async () => {
  const own = (await mintTenant()).client;
  const surviving = await mintLead(own, { email: "t@example.com" }, {});
  const merged = await mintLead(own, { email: "s@example.com" }, { name: "Sam" });
  const before = await (await own.get(`/lead/${merged}`)).text();
  await merge(own, surviving, [merged]);
  expect(await readProblem(await own.call("DELETE", `/lead/${merged}`), 410)).toMatchObject({ merged_into: surviving });
  expect(await readProblem(await own.get(`/lead/${merged}`), 410)).toMatchObject({ merged_into: surviving });
  expect((await own.post(`/leads/${merged}/unmerge`)).status).toBe(200);
  expect(await (await own.get(`/lead/${merged}`)).text()).toBe(before);
});
