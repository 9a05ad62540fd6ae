/** Input against its schema, and what is wrong with it in words that name the field and the value. */
import type { z } from "zod";
import { AppError, type FieldProblem } from "./errors";

const VALUE_CHARS_SHOWN = 80;
const UNKNOWN_KEYS_SHOWN = 20;

/** The input of a verb as its schema returns it. Throws invalid_request with every problem. */
export function parseInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw invalidRequest(fieldProblems(parsed.error, input));
  return parsed.data;
}

export function invalidRequest(problems: readonly FieldProblem[]): AppError {
  const text = problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join("; ");
  return new AppError("invalid_request", text, problems);
}

/** zod's issues: the path as the caller wrote it, what is allowed, and what came instead. A key that is unknown is a problem of its own. */
export function fieldProblems(error: z.core.$ZodError, input: unknown): FieldProblem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.slice(0, UNKNOWN_KEYS_SHOWN).map((key) => keyProblem([...issue.path, key], "is not a known field"));
    }
    if (issue.code === "invalid_key") return [keyProblem(issue.path, issue.issues[0]?.message ?? issue.message)];
    const value = valueAt(input, issue.path);
    const message = value === undefined && issue.message.startsWith("Invalid input") ? "is required" : `${issue.message}${shown(value)}`;
    return [{ path: issue.path.map(String).join("."), message }];
  });
}

/** What is wrong with a key itself, at whose path the problem is. */
const keyProblem = (path: readonly PropertyKey[], message: string): FieldProblem => ({
  path: path.map((key) => String(key).slice(0, VALUE_CHARS_SHOWN)).join("."),
  message,
});

/** The value at a path; undefined where there is none. */
export function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}

function shown(value: unknown): string {
  if (typeof value === "bigint") return shown(String(value));
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return ` (got ${JSON.stringify(value).slice(0, VALUE_CHARS_SHOWN)})`;
  }
  return "";
}
