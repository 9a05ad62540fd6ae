/**
 * Requests that the schemas of /openapi.json allow are accepted: none is a 400, but for the rules listed here, which no JSON Schema
 * keyword holds. FUZZ_SEED sets which requests.
 */
import { env } from "cloudflare:workers";
import { expect, inject, it } from "vitest";
import { fc } from "../support/fast-check";
import { nameOf, readDocument } from "./document";
import { openScene } from "./scene";
import { renderValid, validPlanOf } from "./valid-requests";
import { complaintsOf } from "./verdict";

const SEED = inject("fuzzSeed");
const ROUNDS = Math.ceil(Number(env.FUZZ_REQUESTS) / 200);
const TIMEOUT_MS = 60_000 + ROUNDS * 20_000;

const ROUNDS_BETWEEN_DELETES = 4;

/** Rules between fields or about the world, by the sentence that refuses. */
const REFUSALS: RegExp[] = [
  // between fields
  /start_date and end_date belong together|start_date is not before end_date|At most 90 days/,
  /At least one of attributes or account_id must be included|must name a lead by lead_ids or aliases|needs exactly one lead/,
  /a percentage is one of a purchase's amount|status_id: needs the kind status_change/,
  /lead_ids: must name at least one lead/,
  /count: goes with min_score, max_score and level only where the list is sorted|filter: goes without sort and count/,
  /max_score must not be below min_score|ends_at must be later than starts_at|overlaps/,
  /attribute_filters\.\d+\.value: is required|event_ids or before is required, not both/,
  /At least one updatable field or non-empty properties array required|alias: is required with alias_kind|alias_kind: is required with alias/,
  /domain: is required, or a name|POST \/leads\/import\/(plan|start) primary_identifier: is required/,
  /ids: either ids or filter|filter: must have at least one criterion|Invalid mappings: /,
  /The file would be \d+ bytes; at most|partNo: must be a whole number from 1 to/,
  /must have at least one of: (name, mapping|added, disabled)|account_id: no such account|type: Invalid discriminator value|Content-Type must be application\/x-ndjson/,
  // what no keyword of JSON Schema says of a text
  /cursor: must be |must be a day such as|columns: .* is neither|columns: \\$|is no parameter of the list of leads/,
  /mapping\..*(is not named by a JSON pointer|must be a field)/,
  /metadata_key: must be 1 to 64|url: must be a URL such as|value: is no value that a \w+ can have|POST \/leads .*(email|phone): Must be a valid/,
  // about what exists, and about now
  /is none of this channel's|Invalid properties|Invalid profile field name|is no status of the channel|must lie in the future|unknown notification channels/,
  /GET \/oauth\/authorize invalid_(client|request)$/,
  /segment_id: must be the id of a segment of the org unit/,
  /(property_definitions|lead_status)\.\d+\.(name|status): is required/,
  /unit_id: is not accepted|must be a URL that begins with https/,
  // of a channel's type
  /PUT \/notification-channels.*config\.\w+: is required/,
];

it(
  "what the schemas allow is accepted",
  async () => {
    const document = await readDocument();
    const scene = await openScene();
    const findings = new Map<string, string>();
    const plans = document.operations.map((operation, index) =>
      fc.sample(validPlanOf(document, operation), { numRuns: ROUNDS, seed: SEED + index }),
    );
    for (let round = 0; round < ROUNDS; round++) {
      for (const plan of plans.flatMap((ofOperation) => ofOperation[round] ?? [])) {
        if (plan.operation.method === "DELETE" && round % ROUNDS_BETWEEN_DELETES > 0) continue;
        const { path, init } = renderValid(plan, scene);
        const answer = await scene.send(path, init);
        const refused =
          [400, 413, 415].includes(answer.status) &&
          !REFUSALS.some((refusal) => refusal.test(`${nameOf(plan.operation)} ${reason(answer.text)}`));
        const complaints = [
          ...complaintsOf(document, plan.operation, answer),
          ...(refused ? [`${answer.status} ${reason(answer.text)}`] : []),
        ];
        for (const complaint of complaints) {
          const key = `${nameOf(plan.operation)}: ${complaint.slice(0, 200)}`.toWellFormed();
          if (!findings.has(key))
            findings.set(
              key,
              `${path.slice(0, 300)} ${String(init.body ?? "").slice(0, 600)} -> ${answer.text.slice(0, 300)}`.toWellFormed(),
            );
        }
      }
    }
    expect(Object.fromEntries(findings)).toEqual({});
  },
  TIMEOUT_MS,
);

const reason = (text: string): string => /"(?:detail|error|message)":"([^"]*)/.exec(text)?.[1]?.replace(/\(got .*/, "") ?? text;
