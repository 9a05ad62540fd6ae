/** Wire shapes of the workspace dialect, and the error of input that breaks them. */

import { z } from "@hono/zod-openapi";
import {
  LEAD_FIELDS,
  LIST_LIMIT_MAX,
  LIST_PAGE_MAX,
  normaliseAlias,
  type Profile,
  SEARCH_CHARS_MAX,
  WORKSPACE_FIELDS,
  type WorkspaceField,
} from "../../core/leads";
import { isStorable, NOT_STORABLE } from "../../schemas";
import { valueAt } from "../../validation";
import { isOneOf, LEAD_STATUSES } from "../../vocabulary";
import { validationError, type WorkspaceError } from "./adapter";

const STATUS_MESSAGE = `Status must be one of: ${LEAD_STATUSES.join(", ")}`;
const EMAIL_MESSAGE = "Must be a valid email address";
const PHONE_MESSAGE = "Must be a valid phone number: digits and + ( ) - . / and spaces, an extension at most";
const LIMIT_DEFAULT = 10;

const isAlias = (kind: "email" | "phone") => (value: string) => "value" in normaliseAlias(kind, value, null);

/** A field that has to be there and cannot be cleared. */
const required = (field: WorkspaceField, otherwise = "Must be a string") => {
  const { label } = LEAD_FIELDS[field];
  return z.string({
    error: ({ input }) => (input === undefined ? `${label} is required` : input === null ? `${label} cannot be cleared` : otherwise),
  });
};
const Fields = {
  name: required("name").trim().min(1, "Name must not be empty").refine(isStorable, NOT_STORABLE),
  email: required("email", EMAIL_MESSAGE).refine(isAlias("email"), EMAIL_MESSAGE),
  phone: z.string({ error: PHONE_MESSAGE }).refine(isAlias("phone"), PHONE_MESSAGE).nullable(),
  source: z.string({ error: "Must be a string" }).trim().min(1, "Must not be empty").refine(isStorable, NOT_STORABLE).nullable(),
} satisfies Record<WorkspaceField, z.ZodType>;
const Status = z.enum(LEAD_STATUSES, { error: STATUS_MESSAGE });

/** Any JSON object, `__proto__` as a key included: zod's own record would drop that key. */
const Metadata = z
  .custom<Profile>((value) => typeof value === "object" && value !== null && !Array.isArray(value), { error: "Must be an object" })
  .openapi({ type: "object", additionalProperties: {} });

/** Fields that the server sets: a lead that was read may be sent back whole. */
const ignored = {
  id: z.unknown().optional(),
  createdAt: z.unknown().optional(),
  updatedAt: z.unknown().optional(),
  workspaceId: z.unknown().optional(),
};

export const CreateLead = z
  .strictObject({
    ...Fields,
    phone: Fields.phone.optional(),
    source: Fields.source.optional(),
    status: Status.optional(),
    metadata: Metadata.optional(),
    ...ignored,
  })
  .openapi("WorkspaceCreateLead");

const FIELDS = [...WORKSPACE_FIELDS, "status", "metadata"] as const;

export const UpdateLead = z
  .strictObject({
    ...z.object(Fields).partial().shape,
    status: Status.optional(),
    metadata: Metadata.nullable().optional(),
    ...ignored,
  })
  .refine((body) => FIELDS.some((field) => body[field] !== undefined), `At least one of ${FIELDS.join(", ")} must be included`)
  .openapi("WorkspaceUpdateLead");

const whole = (message: string) => z.coerce.number({ error: message }).int(message).min(1, message);

const Once = z.string({ error: "Must be given once" });

export const ListQuery = z.object({
  page: whole(`Must be a whole number from 1 to ${LIST_PAGE_MAX}`)
    .max(LIST_PAGE_MAX, `Must be a whole number from 1 to ${LIST_PAGE_MAX}`)
    .default(1)
    .openapi({ description: "Page number" }),
  limit: whole(`Must be a whole number from 1 to ${LIST_LIMIT_MAX}`)
    .max(LIST_LIMIT_MAX, `Must be a whole number from 1 to ${LIST_LIMIT_MAX}`)
    .default(LIMIT_DEFAULT)
    .openapi({ description: "Leads a page" }),
  status: Once.refine((status) => status === "" || isOneOf(LEAD_STATUSES, status), STATUS_MESSAGE)
    .optional()
    .openapi({ description: "Leads of this status", enum: [...LEAD_STATUSES] }),
  source: Once.optional().openapi({ description: "Leads of this source, as it was written" }),
  search: Once.max(SEARCH_CHARS_MAX, `Must be at most ${SEARCH_CHARS_MAX} characters`).optional().openapi({
    description:
      "Words, the first ten of which count: each has to begin a word of the name, an email, or a part of an email's name or its domain",
  }),
});

const Timestamp = z.string().openapi({ format: "date-time" });

const shownFields = Object.fromEntries(WORKSPACE_FIELDS.map((field) => [field, z.string().nullable()])) as Record<
  WorkspaceField,
  z.ZodNullable<z.ZodString>
>;

export const ListedLead = z
  .object({
    id: z.string(),
    ...shownFields,
    status: z.enum(LEAD_STATUSES),
    metadata: Metadata,
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .openapi("WorkspaceListedLead");

export const Lead = ListedLead.extend({ workspaceId: z.string() }).openapi("WorkspaceLead");

export const Pagination = z.object({
  page: z.number().int(),
  limit: z.number().int(),
  total: z.number().int(),
  totalPages: z.number().int(),
  hasNext: z.boolean(),
  hasPrev: z.boolean(),
});

export const dataOf = <Data extends z.ZodType>(data: Data) => z.object({ success: z.literal(true), data });

export const Deleted = z.object({
  success: z.literal(true),
  message: z.string(),
  data: z.object({ id: z.string(), deletedAt: Timestamp }),
});

/** The first problem in this dialect's words: one field, what was sent, what is allowed. */
export function firstProblem(error: z.ZodError, input: unknown): WorkspaceError {
  const [issue] = error.issues;
  if (!issue) return validationError("body", null, "Invalid request");
  if (issue.code === "unrecognized_keys") {
    const field = issue.keys[0] ?? "";
    return validationError(field, valueAt(input, [field]), "Unknown field");
  }
  if (issue.path.length === 0)
    return validationError("body", null, issue.code === "invalid_type" ? "Must be a JSON object" : issue.message);
  return validationError(issue.path.map(String).join("."), valueAt(input, issue.path), issue.message);
}
