/** How this dialect's routes are declared: as every route, with its own key, its own guards and its own error bodies. */
import { z } from "@hono/zod-openapi";
import { onceInUnit } from "../idempotency";
import { refuseBelow } from "../middleware/authenticate";
import { type DeclaredForRole, declare, type ErrorStatus } from "../route";

const ErrorBody = z
  .object({
    success: z.literal(false),
    error: z.string(),
    code: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
    requestId: z.string(),
  })
  .openapi("WorkspaceError");

type Example = { error: string; code: string; details?: Record<string, unknown> };
const LEAD_ID = "lead_0193f3a2c7b07aa18000c0ffee123456";

const EXAMPLES: Partial<Record<ErrorStatus, Example>> = {
  400: {
    error: "Validation failed",
    code: "VALIDATION_ERROR",
    details: {
      field: "status",
      value: "invalid_status",
      message: "Status must be one of: new, contacted, qualified, converted, lost, follow_up",
    },
  },
  401: { error: "Invalid API key", code: "INVALID_API_KEY" },
  403: { error: "This needs the role editor", code: "FORBIDDEN" },
  404: {
    error: "Lead not found",
    code: "LEAD_NOT_FOUND",
    details: { leadId: LEAD_ID, message: "No lead found with this ID in your workspace" },
  },
  409: {
    error: "Email already exists",
    code: "DUPLICATE_EMAIL",
    details: {
      email: "existing@example.com",
      existingLeadId: LEAD_ID,
      message: "A different lead with this email already exists in your workspace",
    },
  },
  413: { error: "The request body is larger than 102400 bytes", code: "PAYLOAD_TOO_LARGE" },
  422: { error: "This Idempotency-Key was used for another request: use a new key for each request", code: "IDEMPOTENCY_KEY_REUSED" },
  415: { error: "Content-Type must be application/json", code: "UNSUPPORTED_MEDIA_TYPE" },
  429: {
    error: "Rate limit exceeded",
    code: "RATE_LIMIT_EXCEEDED",
    details: { limit: 1000, remaining: 0, resetTime: 1640995800, retryAfter: 600 },
  },
};

function errorResponses(errors: Partial<Record<ErrorStatus, string>>) {
  const responses: Record<
    string,
    { description: string; content: { "application/json": { schema: typeof ErrorBody; example: unknown } } }
  > = {};
  for (const [status, description] of Object.entries(errors)) {
    const known = EXAMPLES[Number(status) as ErrorStatus] ?? { error: description, code: "SERVICE_UNAVAILABLE" };
    const example = { success: false, ...known, requestId: "req_0193f3a2c7b07aa18000c0ffee123456" };
    responses[status] = { description, content: { "application/json": { schema: ErrorBody, example } } };
  }
  return responses;
}

/** A route of a workspace key. The whole prefix requires the key and applies its rate limit. */
export const workspaceRoute = <const Path extends string, const Route extends DeclaredForRole>(path: Path, route: Route) =>
  declare(path, route, {
    security: [{ WorkspaceKey: [] }],
    middleware: [refuseBelow(route.role)],
    once: onceInUnit("application/json"),
    errors: {
      400: "Validation failed: the first field that is wrong",
      401: "Missing or malformed authorization header, or invalid API key",
      429: "Rate limit exceeded",
    },
    errorResponses,
  });
