/** The tools, in the order in which every client lists them. */
import { z } from "@hono/zod-openapi";
import type { Tool } from "../tool";
import { commitPlan } from "./commit-plan";
import { explainScore } from "./explain-score";
import { getLead } from "./get-lead";
import { getReceipt } from "./get-receipt";
import { listEvents } from "./list-events";
import { listJobs } from "./list-jobs";
import { planImport } from "./plan-import";
import { planUpdate } from "./plan-update";
import { searchLeads } from "./search-leads";
import { topLeads } from "./top-leads";
import { undo } from "./undo";
import { whoami } from "./whoami";

export const TOOLS: readonly Tool[] = [
  whoami,
  searchLeads,
  getLead,
  explainScore,
  topLeads,
  listEvents,
  getReceipt,
  listJobs,
  planImport,
  planUpdate,
  commitPlan,
  undo,
];

type JsonObject = { type: "object" } & Record<string, unknown>;
type Listed = Pick<Tool, "name" | "title" | "description" | "annotations"> & { inputSchema: JsonObject; outputSchema: JsonObject };

let described: readonly (readonly [Tool, Listed])[] | null = null;

/** The tools as a list shows them. Their schemas are written once per isolate. */
export function listedTools(shows: (tool: Tool) => boolean): Listed[] {
  described ??= TOOLS.map((tool) => [tool, describe(tool)] as const);
  return described.flatMap(([tool, listed]) => (shows(tool) ? [listed] : []));
}

const describe = ({ name, title, description, annotations, input, output }: Tool): Listed => ({
  name,
  title,
  description,
  inputSchema: jsonSchema(input, "input"),
  outputSchema: jsonSchema(output, "output"),
  annotations,
});

const jsonSchema = (schema: z.ZodType, io: "input" | "output"): JsonObject => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io });
  return simplified(json) as JsonObject;
};

/** Without keywords that are of no use to a model, and without lists of types, which some providers refuse. */
function simplified(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(simplified);
  if (typeof part !== "object" || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).flatMap(([key, value]): [string, unknown][] => {
      if (value === Number.MIN_SAFE_INTEGER || value === Number.MAX_SAFE_INTEGER || key === "propertyNames") return [];
      if (key === "type" && Array.isArray(value)) return [["anyOf", value.map((type) => ({ type }))]];
      if (key === "additionalProperties" && JSON.stringify(value) === "{}") return [[key, true]];
      return [[key, simplified(value)]];
    }),
  );
}
