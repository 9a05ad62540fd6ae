/** The partner dialect: one POST on two paths, the action in its JSON body, errors and unknown paths included. */
import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { includesRole, roleOf } from "../../core/auth";
import { maxBody } from "../middleware/body";
import { parseJson } from "../parse-json";
import { createRouter, type HttpEnv } from "../router";
import type { Body } from "./action";
import { ACTIONS } from "./actions";
import { errorResponse, hasKey, onError, PartnerError, requireKey } from "./adapter";
import { allowAnyOrigin, answerPreflight } from "./cors";
import { EXTERNAL_ACTION, EXTERNAL_BODY_BYTES_MAX, leadExternal } from "./lead-external";
import { describeOperation } from "./operation";

/** The short path, and the one that existing clients call, each with its operationId. */
const PATHS = { "/partner": "callPartner", "/functions/v1/keen-api": "callKeenApi" };
const BODY_BYTES_MAX = 2 * 1024 * 1024;

const tooLarge = (bytes: number) => maxBody(bytes, `Request body over ${bytes / 1024} KB`);
const keyedBody = tooLarge(BODY_BYTES_MAX);
const openBody = tooLarge(EXTERNAL_BODY_BYTES_MAX);

/** Without a key only lead_external works, so no larger body is read. */
const limitBody = createMiddleware<HttpEnv>((c, next) => (hasKey(c) ? keyedBody : openBody)(c, next));

export const partner = createRouter();
partner.onError(onError);
for (const [path, operationId] of Object.entries(PATHS)) {
  describeOperation(partner, path, operationId);
  partner.options(path, answerPreflight);
  partner.post(path, limitBody, act);
  partner.all(path, (c) => {
    c.header("Allow", "POST, OPTIONS");
    return errorResponse(c, new PartnerError(405, "Method not allowed: every call is a POST"));
  });
  partner.all(`${path}/:more{.*}`, (c) => errorResponse(c, new PartnerError(404, "No such path")));
}

async function act(c: Context<HttpEnv>): Promise<Response> {
  const text = await c.req.text();
  const body = parseObject(text);
  if (body?.action === EXTERNAL_ACTION) {
    allowAnyOrigin(c);
    if (new TextEncoder().encode(text).length > EXTERNAL_BODY_BYTES_MAX) throw new PartnerError(413, "Request body over 8 KB");
    return respond(c, await leadExternal(c, body));
  }
  const caller = await requireKey(c);
  if (!body) throw new PartnerError(400, "Request body must be a JSON object");
  const action = requireAction(body);
  if (!includesRole(roleOf(caller.actor), action.role)) throw new PartnerError(403, "This API key may only read");
  c.header("Cache-Control", "no-store");
  return respond(c, await action.run({ c, caller }, body));
}

const respond = (c: Context<HttpEnv>, body: object | Response): Response => (body instanceof Response ? body : c.json(body));

/** The Content-Type is ignored. Null when the text is not a JSON object. */
function parseObject(text: string): Body | null {
  try {
    const value = parseJson(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Body) : null;
  } catch {
    return null;
  }
}

function requireAction(body: Body) {
  const name = Object.hasOwn(body, "action") ? body.action : undefined;
  const action = typeof name === "string" ? ACTIONS.get(name) : undefined;
  if (action) return action;
  const known = [...ACTIONS.keys(), EXTERNAL_ACTION].join(", ");
  throw new PartnerError(400, `${name === undefined ? "action required" : "Unknown action"}; known actions: ${known}`);
}
