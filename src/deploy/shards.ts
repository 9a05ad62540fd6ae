/**
 * `npm run shards -- add`: one more database for org units to move to. Adds it to wrangler.toml, creates it on Cloudflare and migrates it;
 * the next deployment binds it. A run that broke off is completed by the next one, which adds no further database.
 * `--dry-run` prints the steps; `--local` only adds it to wrangler.toml, for `npm start`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CONFIG, carryOut, describe, fail, namesIn, queryWrangler } from "./run-steps.ts";
import { nextShard, shardsOf, withDatabase } from "./shard-config.ts";
import { databaseSteps, listsDatabase, type Names, type Step } from "./steps.ts";

type Database = Names["databases"][number];

const USAGE = "Usage: npm run shards -- add [--dry-run] [--local]";
const UPDATE_TYPES: Step = {
  purpose: "Update the types of the bindings",
  command: ["types", "src/env.d.ts", "--include-runtime=false", "--strict-vars=false"],
};

const { isDryRun, isLocal } = readArguments();
const { databases } = namesIn(CONFIG);
const unfinished = isDryRun || isLocal ? null : findUnfinished(shardsOf(databases));
const added = unfinished ?? planned();

if (unfinished) console.log(`${CONFIG} has ${added.name} as ${added.binding}, which is to be completed`);
else console.log(`${isDryRun ? "Would add" : "Adding"} ${added.name} to ${CONFIG} as ${added.binding}`);
if (!isDryRun && !unfinished) writeFileSync(CONFIG, withDatabase(readFileSync(CONFIG, "utf8"), added));
const steps = [...(isLocal ? [] : databaseSteps([added], [])), UPDATE_TYPES];
for (const [at, step] of steps.entries()) {
  console.log(`\n${at + 1}/${steps.length} ${step.purpose}`);
  if (isDryRun) describe(step);
  else carryOut(step, { again: "npm run shards -- add" });
}
console.log(isDryRun ? "\nNothing was created or changed." : closing());

function readArguments(): { isDryRun: boolean; isLocal: boolean } {
  try {
    const { values, positionals } = parseArgs({
      options: { "dry-run": { type: "boolean", default: false }, local: { type: "boolean", default: false } },
      allowPositionals: true,
    });
    if (positionals.join(" ") !== "add") fail(USAGE);
    return { isDryRun: values["dry-run"], isLocal: values.local };
  } catch (error) {
    fail(`${(error as Error).message}\n${USAGE}`);
  }
}

function planned(): Database {
  try {
    return nextShard(databases);
  } catch (error) {
    fail((error as Error).message);
  }
}

/** The first shard of wrangler.toml that Cloudflare does not have. */
function findUnfinished(shards: readonly Database[]): Database | null {
  if (shards.length === 0) return null;
  const listed = queryWrangler(["d1", "list", "--json"]);
  if (listed === null) fail("The databases could not be listed. Log in first: npx wrangler login");
  return shards.find(({ name }) => !listsDatabase(listed, name)) ?? null;
}

function closing(): string {
  const number = added.binding.slice("DB_".length);
  return `
${added.name} is shard ${number}. ${isLocal ? "npm start migrates and binds it." : "npm run deploy binds it."} Then org units can move there:

  curl -s <origin>/admin/organizations/<organization_id>/org-units/<unit_id>/move -H 'Authorization: Bearer <token>' -H 'Content-Type: application/json' -d '{"shard": ${number}}'
`;
}
