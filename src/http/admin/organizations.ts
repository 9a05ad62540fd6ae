/** Which organizations there are, by the operator. */
import { z } from "@hono/zod-openapi";
import { listOrganizations, requireOrganization } from "../../core/org-units";
import { isoTime } from "../../time";
import { Cursor } from "../credential-views";
import { adminRoute, jsonResponse } from "../route";
import { createRouter } from "../router";
import { operator } from "./operator";

const PATH = "/admin/organizations";
const tags = ["Admin"];
const View = z.object({ organization_id: z.string(), company_id: z.string(), name: z.string(), created_at: z.iso.datetime() });
const EXAMPLE = {
  organization_id: "org_0193f3a2c7b07aa18000c0ffee123456",
  company_id: "5f0c6a52-6c1b-4d0e-9f60-0c0ffee12345",
  name: "Acme",
  created_at: "2026-01-15T10:00:00.000Z",
};

const list = adminRoute(PATH, {
  operationId: "listOrganizations",
  method: "get",
  tags,
  summary: "List organizations, newest first",
  request: {
    query: z.object({
      q: z.string().optional().openapi({ description: "A part of the name, in either case, or an id", example: "acme" }),
      cursor: Cursor,
    }),
  },
  responses: {
    200: jsonResponse(
      "100 organizations",
      z.object({ organizations: z.array(View.extend({ org_unit_count: z.number().int() })), next_cursor: z.string().nullable() }),
      { organizations: [{ ...EXAMPLE, org_unit_count: 1 }], next_cursor: null },
    ),
  },
  errors: { 400: "A query parameter is invalid" },
});

const get = adminRoute(`${PATH}/{organization_id}`, {
  operationId: "getOrganization",
  method: "get",
  tags,
  summary: "Get an organization with its org units",
  request: { params: z.object({ organization_id: z.string().openapi({ example: EXAMPLE.organization_id }) }) },
  responses: {
    200: jsonResponse(
      "The organization",
      View.extend({
        org_units: z.array(z.object({ unit_id: z.string(), workspace_id: z.string(), name: z.string(), is_default: z.boolean() })),
      }),
      {
        ...EXAMPLE,
        org_units: [{ unit_id: "unit_default", workspace_id: "ws_0193f3a2c7b07aa18000c0ffee123456", name: "Default", is_default: true }],
      },
    ),
  },
});

export const organizations = createRouter()
  .openapi(list, async (c) => {
    const { organizations: found, next_cursor } = await listOrganizations(operator(c), c.req.valid("query"));
    return c.json({ organizations: found.map(timed), next_cursor }, 200);
  })
  .openapi(get, async (c) => {
    const { organization, units } = await requireOrganization(operator(c), c.req.valid("param").organization_id);
    const org_units = units.map(({ unit_id, workspace_id, name, is_default }) => ({ unit_id, workspace_id, name, is_default }));
    return c.json({ ...timed(organization), org_units }, 200);
  });

const timed = <Row extends { created_at: number }>({ created_at, ...row }: Row) => ({ ...row, created_at: isoTime(created_at) });
