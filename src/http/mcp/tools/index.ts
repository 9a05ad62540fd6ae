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

/** Without what every model reads for nothing: the dialect, which is the protocol's own, and the bounds of doubles. */
const jsonSchema = (schema: z.ZodType, io: "input" | "output"): JsonObject => {
  const { $schema: _, ...json } = z.toJSONSchema(schema, {
    io,
    override: ({ jsonSchema: part }) => {
      if (part.minimum === Number.MIN_SAFE_INTEGER) delete part.minimum;
      if (part.maximum === Number.MAX_SAFE_INTEGER) delete part.maximum;
    },
  });
  return json as unknown as JsonObject;
};
