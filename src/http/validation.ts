import type { z } from "@hono/zod-openapi";
import type { FieldProblem } from "../errors";

const VALUE_CHARS_SHOWN = 80;

/** zod's issues in our words: the path as the caller wrote it, what is allowed, and what came instead. */
export function fieldProblems(error: z.core.$ZodError, input: unknown): FieldProblem[] {
  return error.issues.map((issue) => {
    const value = valueAt(input, issue.path);
    const message = value === undefined && issue.message.startsWith("Invalid input") ? "is required" : `${issue.message}${shown(value)}`;
    return { path: issue.path.map(String).join("."), message };
  });
}

/** What came at a path; undefined where nothing did. */
export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function shown(value: unknown): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return ` (got ${JSON.stringify(value).slice(0, VALUE_CHARS_SHOWN)})`;
  }
  return "";
}
