/** Org units and the active one of a client that keeps cookies. */

import { z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { readSessionCookie } from "../../core/auth";
import {
  createOrgUnit,
  endSession,
  listSessions,
  listUsableOrgUnits,
  OrgUnitInput,
  openSession,
  type ShownOrgUnit,
  UnitChoice,
  updateUsableOrgUnit,
} from "../../core/org-units";
import { signingKeysOf } from "../../open-context";
import { isoTime } from "../../time";
import { rememberingInDirectory } from "../idempotency";
import { ACTIVE_OU_COOKIE } from "../middleware/active-org-unit";
import { callerRoute, jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter, type HttpEnv } from "../router";
import { Timestamp } from "./schemas";

const OrgUnitView = z
  .object({
    unit_id: z.string(),
    org_id: z.string(),
    name: z.string(),
    slug: z.string(),
    external_ref: z.string().nullable(),
    is_default: z.boolean(),
    workspace_id: z.string(),
    default_region: z.string().nullable(),
    link_accounts_by_domain: z.boolean(),
  })
  .openapi("OrgUnit");
const EXAMPLE = {
  unit_id: "unit_emea-sales",
  org_id: "org_0193f3a2c7b07aa18000c0ffee123456",
  name: "EMEA Sales",
  slug: "emea-sales",
  external_ref: null,
  is_default: false,
  workspace_id: "ws_0193f3a2c7b07aa18000c0ffee123456",
  default_region: "DE",
  link_accounts_by_domain: false,
};

const SESSION = { session_id: "sess_0193f3a2c7b07aa18000c0ffee123456", expires_at: "2026-01-15T22:00:00.000Z" };

const NEEDS_NO_HOME = "Needs the role admin and a credential without a home org unit";

const list = callerRoute("/org-units", {
  operationId: "listOrgUnits",
  method: "get",
  tags: ["Org units"],
  summary: "List the org units that the caller may use",
  role: "viewer",
  responses: { 200: jsonResponse("Org units", z.array(OrgUnitView), [EXAMPLE]) },
});

const create = callerRoute("/org-units", {
  operationId: "createOrgUnit",
  method: "post",
  tags: ["Org units"],
  summary: "Create an org unit",
  role: "admin",
  idempotent: true,
  request: { body: jsonBody(OrgUnitInput, { name: "EMEA Sales", default_region: "DE" }) },
  responses: { 201: jsonResponse("The org unit", OrgUnitView, EXAMPLE) },
  errors: { 400: "Name missing or too long, or an unknown region", 403: NEEDS_NO_HOME, 409: "100 org units have this name already" },
});

const update = callerRoute("/org-units/{id}", {
  operationId: "updateOrgUnit",
  method: "put",
  tags: ["Org units"],
  summary: "Rename an org unit: name and slug change, the id stays",
  description: "After a change of `default_region` the phones of the unit's leads are read again, in the background.",
  role: "admin",
  request: { params: z.object({ id: z.string().openapi({ example: "unit_emea-sales" }) }), body: jsonBody(OrgUnitInput, { name: "EMEA" }) },
  responses: { 200: jsonResponse("The org unit", OrgUnitView, EXAMPLE) },
  errors: { 403: NEEDS_NO_HOME, 404: "Org unit not found" },
});

const activate = callerRoute("/org-units/active", {
  operationId: "openSession",
  method: "post",
  tags: ["Org units"],
  summary: "Choose the active org unit",
  description: "Opens a session and sets the `activeOu` cookie. A client without cookies sends the header `X-Org-Unit` instead.",
  role: "viewer",
  request: { body: jsonBody(UnitChoice, { ouId: "unit_default" }) },
  responses: {
    200: jsonResponse(
      "The chosen org unit",
      z.object({ ouId: z.string(), session_id: z.string(), expires_at: Timestamp, org_unit: OrgUnitView }),
      { ouId: EXAMPLE.unit_id, ...SESSION, org_unit: EXAMPLE },
    ),
  },
  errors: { 404: "Org unit not found, or not for this caller" },
});

const deactivate = callerRoute("/org-units/active", {
  operationId: "endSession",
  method: "delete",
  tags: ["Org units"],
  summary: "End the session of the activeOu cookie",
  role: "viewer",
  responses: { 204: { description: "Ended, or there was none; the cookie is cleared" } },
});

const sessions = unitRoute("/org-units/sessions", {
  operationId: "listSessions",
  method: "get",
  tags: ["Org units"],
  summary: "List the living sessions of the active org unit, newest first",
  role: "viewer",
  responses: {
    200: jsonResponse(
      "Sessions",
      z.object({
        sessions: z.array(
          z.object({
            session_id: z.string(),
            unit_id: z.string(),
            credential_id: z.string(),
            created_at: Timestamp,
            expires_at: Timestamp,
          }),
        ),
      }),
      {
        sessions: [
          {
            ...SESSION,
            unit_id: EXAMPLE.unit_id,
            credential_id: "sec_0193f3a2c7b07aa18000c0ffee123456",
            created_at: "2026-01-15T10:00:00.000Z",
          },
        ],
      },
    ),
  },
});

export const orgUnits = createRouter()
  .openapi(list, async (c) => c.json((await listUsableOrgUnits(c.get("caller"))).map(view), 200))
  .openapi(create, async (c) =>
    c.json(view(await createOrgUnit(c.get("caller"), c.req.valid("json"), rememberingInDirectory(c, 201, view))), 201),
  )
  .openapi(activate, async (c) => {
    const { unit, session, cookie } = await openSession(c.get("caller"), await signingKeysOf(c.env), c.req.valid("json"));
    setCookie(c, ACTIVE_OU_COOKIE, cookie, { ...cookieOptions(c), expires: new Date(session.expires_at) });
    const { session_id, expires_at } = session;
    return c.json({ ouId: unit.unit_id, session_id, expires_at: isoTime(expires_at), org_unit: view(unit) }, 200);
  })
  .openapi(deactivate, async (c) => {
    const cookie = getCookie(c, ACTIVE_OU_COOKIE);
    const caller = c.get("caller");
    const session = cookie ? await readSessionCookie(await signingKeysOf(c.env), cookie, caller.now()) : null;
    deleteCookie(c, ACTIVE_OU_COOKIE, cookieOptions(c));
    if (session) await endSession(caller, session);
    return c.body(null, 204);
  })
  .openapi(sessions, async (c) => {
    const living = await listSessions(c.get("ctx"));
    return c.json(
      {
        sessions: living.map((session) => ({
          ...session,
          created_at: isoTime(session.created_at),
          expires_at: isoTime(session.expires_at),
        })),
      },
      200,
    );
  })
  .openapi(update, async (c) =>
    c.json(view(await updateUsableOrgUnit(c.get("caller"), c.req.valid("param").id, c.req.valid("json"))), 200),
  );

const cookieOptions = (c: Context<HttpEnv>) =>
  ({ httpOnly: true, sameSite: "Lax", path: "/", secure: new URL(c.req.url).protocol === "https:" }) as const;

const view = (unit: ShownOrgUnit) => ({
  unit_id: unit.unit_id,
  org_id: unit.organization_id,
  name: unit.name,
  slug: unit.slug,
  external_ref: unit.external_ref,
  is_default: unit.is_default,
  workspace_id: unit.workspace_id,
  default_region: unit.default_region,
  link_accounts_by_domain: unit.link_accounts_by_domain,
});
