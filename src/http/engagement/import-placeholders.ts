/** Texts that are not identifiers in the files of the org unit. */
import { z } from "@hono/zod-openapi";
import { changePlaceholders, DEFAULT_PLACEHOLDERS, getPlaceholders, PlaceholdersChange, type UnitPlaceholders } from "../../core/imports";
import { jsonBody, jsonResponse, unitRoute } from "../route";
import { createRouter } from "../router";

const PATH = "/leads/import/placeholders";
const tags = ["Lead import"];

const Placeholders = z
  .object({
    defaults: z.array(z.object({ text: z.string(), enabled: z.boolean() })).openapi({ description: "The usual ones" }),
    added: z.array(z.string()),
    disabled: z.array(z.string()),
  })
  .openapi("ImportPlaceholders");
const EXAMPLE = {
  defaults: [
    { text: "n/a", enabled: true },
    { text: "test", enabled: false },
  ],
  added: ["kunde ohne mail*"],
  disabled: ["test"],
};

const get = unitRoute(PATH, {
  operationId: "getImportPlaceholders",
  method: "get",
  tags,
  summary: "List the texts that are not identifiers",
  description:
    "Patterns ignore case, and `*` stands for any text. They apply to imports whose start has no `placeholders` of its own; cells without letters and digits are placeholders in any case.",
  role: "viewer",
  responses: { 200: jsonResponse("The usual ones, and what the org unit has changed", Placeholders, EXAMPLE) },
});

const put = unitRoute(PATH, {
  operationId: "changeImportPlaceholders",
  method: "put",
  tags,
  summary: "Add texts that are not identifiers, or switch defaults off",
  role: "editor",
  request: { body: jsonBody(PlaceholdersChange, { added: EXAMPLE.added, disabled: EXAMPLE.disabled }) },
  responses: { 200: jsonResponse("A list that is left out stays as it is", Placeholders, EXAMPLE) },
});

function view({ added, disabled }: UnitPlaceholders) {
  const off = new Set(disabled.map((text) => text.trim().toLowerCase()));
  return { defaults: DEFAULT_PLACEHOLDERS.map((text) => ({ text, enabled: !off.has(text.toLowerCase()) })), added, disabled };
}

export const importPlaceholders = createRouter()
  .openapi(get, async (c) => c.json(view(await getPlaceholders(c.get("ctx"))), 200))
  .openapi(put, async (c) => c.json(view(await changePlaceholders(c.get("ctx"), c.req.valid("json"))), 200));
