/** A misspelt key of an operator's body, of a credential's or of an org unit's is refused by its name: it could widen what is granted. */
import { expect, it } from "vitest";
import { operator } from "../../support/limits";
import { mintTenant } from "../../support/tenant";
import { readProblem, request } from "../../support/worker";

type Schema = {
  $ref?: string;
  type?: string | string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  additionalProperties?: unknown;
};
type Operation = { requestBody?: { content: Record<string, { schema: Schema }> } };
type Document = { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, Schema> } };

const STRICT = /^\/(admin|org-units|secrets|settings\/tokens)(\/|$)/;

it("no JSON body of these routes, nor an object in it, takes keys that it does not document", async () => {
  const { paths, components } = await (await request("/openapi.json")).json<Document>();
  const openObjects = (schema: Schema, at: string): string[] => {
    if (schema.$ref) return openObjects(components.schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {}, at);
    const inner = Object.entries(schema.properties ?? {}).flatMap(([name, field]) => openObjects(field, `${at}.${name}`));
    const items = schema.items ? openObjects(schema.items, `${at}[]`) : [];
    const either = (schema.anyOf ?? []).flatMap((option) => openObjects(option, at));
    const open = schema.properties && schema.additionalProperties !== false ? [at] : [];
    return [...open, ...inner, ...items, ...either];
  };
  const bodies = Object.entries(paths)
    .filter(([path]) => STRICT.test(path))
    .flatMap(([path, operations]) =>
      Object.entries(operations).flatMap(([method, { requestBody }]) => {
        const schema = requestBody?.content["application/json"]?.schema;
        return schema ? [{ at: `${method} ${path}`, schema }] : [];
      }),
    );
  expect(bodies.length).toBeGreaterThan(10);
  expect(bodies.flatMap(({ at, schema }) => openObjects(schema, at))).toEqual([]);
});

it("a misspelt unit_id creates no credential of the whole organization", async () => {
  const { organization_id } = await mintTenant();
  const path = `/admin/organizations/${organization_id}/credentials`;
  const { errors } = await readProblem(await operator.post(path, { kind: "service_account", name: "CRM", unit: "unit_default" }), 400);
  expect(errors).toEqual([{ path: "unit", message: "is not a known field" }]);
  const entries = await (await operator.get(`/admin/audit?organization_id=${organization_id}`)).json<{ entries: { action: string }[] }>();
  expect(entries.entries.filter(({ action }) => action === "credential.created")).toHaveLength(1);
});

it("each unknown key is named by its path", async () => {
  const { organization_id, client } = await mintTenant();
  const channel = {
    title: "Referrals",
    home: { organization_id, unit_id: "unit_default", unit: 1 },
    creator: organization_id,
    lead_status: [{ status: "New", colour: "#3B82F6" }],
    web_hook: null,
  };
  const { errors } = await readProblem(await operator.post("/admin/channels", channel), 400);
  expect(errors?.map(({ path }) => path).toSorted()).toEqual(["home.unit", "lead_status.0.colour", "web_hook"]);
  for (const [path, body] of [
    ["/org-units", { name: "EMEA", region: "DE" }],
    ["/org-units/active", { ouId: "unit_default", ou: 1 }],
    ["/secrets", { name: "Zapier", role: "viewer" }],
    ["/settings/tokens", { name: "laptop", expires: "2030-01-01T00:00:00Z" }],
  ] as const) {
    const key = Object.keys(body)[1];
    expect((await readProblem(await client.post(path, body), 400)).errors, path).toEqual([{ path: key, message: "is not a known field" }]);
  }
});
