/** Whatever a model sends as arguments: a result or a sentence that says what is wrong, never a failure of ours. */
import { beforeAll, describe, expect, it } from "vitest";
import { hostileText, hostileValue } from "../../fuzz/hostile-values";
import { fc } from "../../support/fast-check";
import { callTool, send } from "../../support/mcp";
import { type Client, mintLead, mintTenant } from "../../support/tenant";

const FIELDS: Record<string, readonly string[]> = {
  whoami: [],
  search_leads: ["q", "status", "min_score", "updated_since", "segment", "filter", "attr.plan", "sort", "limit", "cursor"],
  get_lead: ["value", "kind", "lead_id"],
  explain_score: ["value", "lead_id", "hours"],
  top_leads: ["limit"],
  list_events: ["value", "event_type", "range", "page", "limit"],
  get_receipt: ["event_id"],
  list_jobs: ["job_id", "page", "limit"],
  plan_import: ["text", "file_id", "plan_id", "primary_identifier", "field_mappings", "alias_mappings", "mode", "create_fields"],
  plan_update: ["filter", "changes"],
  commit_plan: ["plan_id", "accept_drift"],
  undo: ["job_id", "dry_run"],
};
const RUNS = 40;
/** Longer names are cut in a refusal. */
const NAME_CHARS_SHOWN = 80;
/** Well-formed, but nothing has this id. */
const NO_SUCH = /^(No|Unknown) |not found|does not exist/;

let client: Client;
beforeAll(async () => {
  ({ client } = await mintTenant());
  await mintLead(client, { email: "ann@x.example" }, { plan: "pro" });
});

/** How a refusal begins: with what is wrong, by the name under which it was sent. */
const names = (text: string, args: object, fields: readonly string[]): boolean =>
  [...Object.keys(args), ...fields].some((field) => text.includes(field.slice(0, NAME_CHARS_SHOWN)));

const failed = (text: string | undefined): boolean => /^Something went wrong/.test(text ?? "");

describe.each(Object.entries(FIELDS))("%s", (tool, fields) => {
  const given = fc.dictionary(fields.length === 0 ? hostileText : fc.constantFrom(...fields), hostileValue, { maxKeys: 3 });

  it("refuses hostile arguments with a sentence that names one of them", async () => {
    await fc.assert(
      fc.asyncProperty(given, async (args) => {
        const { isError, content } = await callTool(client, tool, args);
        const text = content[0]?.text ?? "";
        expect(text).not.toBe("");
        const refused = isError === true ? [failed(text), NO_SUCH.test(text) || names(text, args, fields)] : [false, true];
        expect(refused, `${JSON.stringify(args)}: ${text}`).toEqual([false, true]);
      }),
      { numRuns: RUNS },
    );
  });
});

it("names and arguments that are no texts and objects are errors of the protocol", async () => {
  await fc.assert(
    fc.asyncProperty(hostileValue, hostileValue, async (name, args) => {
      const response = await send(client, "tools/call", { name, arguments: args }, { headers: { "Mcp-Name": "x" } });
      expect(response.status).toBeLessThan(500);
      expect(failed(await response.text())).toBe(false);
    }),
    { numRuns: RUNS },
  );
});
