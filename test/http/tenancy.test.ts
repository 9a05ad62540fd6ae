/** Another tenant's thing does not exist: every route, tried with everybody else's credentials; and each unit lives in its own database. */
import { env } from "cloudflare:workers";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { heldDelivery, mintChannel, receiver } from "../support/deliveries";
import { getReceipt, heldEvents, ingest, mintRule, mintRuleset, post, queueEvents } from "../support/events";
import { planCsv } from "../support/import-plans";
import {
  CONTACTS_MAPPING,
  contactsCsv,
  cronTick,
  csvForm,
  deliverAll,
  emailOf,
  heldImport,
  heldQueue,
  importCsv,
  preview,
  startImport,
} from "../support/imports";
import { mintSource, payloadsOf, send } from "../support/inbound";
import { merge } from "../support/merges";
import {
  basicHeader,
  bearerClient,
  type Client,
  clientWith,
  mintClient,
  mintCredential,
  mintLead,
  mintTenant,
  mintUnit,
  type Tenant,
} from "../support/tenant";
import { firingsOf, happen, importEventsCsv, type Kind, leadIdOf, mintRules, mintTrigger, TRIGGER_PATHS } from "../support/triggers";
import { apiOperations, countingD1, isPartner, readProblem, request } from "../support/worker";
import { mintWorkspace, readError } from "../support/workspace";

const MAPPING = { primary_identifier: { column: "Email", kind: "email" } };
const ALIAS = "alex@example.com";

async function uploadOf(owner: Client): Promise<string> {
  const answer = await owner.post("/leads/import/uploads", { file_name: "large.csv", size: 5 });
  return (await answer.json<{ upload_id: string }>()).upload_id;
}

/** Triggers and the import of events. */
type TriggerThings = Record<Kind, string> & { crossed: string; events: string; firing: string };

const attemptsOnTrigger = (kind: Kind): Record<string, (its: TriggerThings) => Attempt[]> => {
  const path = TRIGGER_PATHS[kind];
  const trial = kind === "surge" ? "preview" : "simulate";
  return {
    [`GET ${path}/{id}`]: (its) => [{ path: `${path}/${its[kind]}`, allowed: 200 }],
    [`PUT ${path}/{id}`]: (its) => [{ path: `${path}/${its[kind]}`, json: { active: false }, allowed: kind === "surge" ? 204 : 200 }],
    [`POST ${path}/{id}/${trial}`]: (its) => [{ path: `${path}/${its[kind]}/${trial}`, json: { days: 30 }, allowed: 200 }],
    [`DELETE ${path}/{id}`]: (its) => [{ path: `${path}/${its[kind]}`, allowed: 204 }],
  };
};
const TRIGGER_ATTEMPTS: Record<string, (its: TriggerThings) => Attempt[]> = {
  ...attemptsOnTrigger("milestone"),
  ...attemptsOnTrigger("sequence"),
  ...attemptsOnTrigger("surge"),
  "GET /import/jobs/{jobId}": ({ events }) => [{ path: `/import/jobs/${events}`, allowed: 200 }],
  "GET /import/jobs/{jobId}/errors.csv": ({ events }) => [{ path: `/import/jobs/${events}/errors.csv`, allowed: 200 }],
  "GET /import/jobs/{jobId}/errors.xlsx": ({ events }) => [{ path: `/import/jobs/${events}/errors.xlsx`, allowed: 200 }],
  "GET /import/jobs/{jobId}/events": ({ events }) => [{ path: `/import/jobs/${events}/events`, allowed: 200 }],
  "POST /import/jobs/{jobId}/cancel": ({ events }) => [{ path: `/import/jobs/${events}/cancel`, allowed: 409 }],
};
const TRIGGER_OWN_ONLY = [
  "GET /import/jobs",
  ...Object.values(TRIGGER_PATHS).flatMap((path) => [`GET ${path}`, `POST ${path}`]),
  "GET /milestone-events",
  "POST /import",
];

async function mintTriggerThings(owner: Client): Promise<TriggerThings> {
  await mintRules(owner, { "Page View": 50 });
  const made = await Promise.all(
    (["milestone", "sequence", "surge"] as const).map((kind) => mintTrigger(owner, { name: "Acme trigger" }, kind)),
  );
  await happen(owner, { event_type: "Page View", event_id: "acme-event", email: ALIAS });
  const [firing] = await firingsOf(owner);
  const job = await importEventsCsv(owner, "event_type,email\nPage View,not-an-email\n");
  return {
    milestone: made[0]?.id ?? "",
    sequence: made[1]?.id ?? "",
    surge: made[2]?.id ?? "",
    crossed: await leadIdOf(owner, ALIAS),
    events: job.job_id,
    firing: firing?.id ?? "",
  };
}
type Made = { id: string };

const mintSegment = async (owner: Client): Promise<string> =>
  (await post<Made>(owner, "/segments", { name: "Acme", rules: { type: "score", operator: "greater_than", value: 1 } })).id;

/** A finished erasure, put where the core reads it: one by request takes thousands of events. */
async function mintErasure(unit: number): Promise<string> {
  const id = `era_${crypto.randomUUID().replaceAll("-", "")}`;
  const receipt = { lead_id: "0".repeat(32), erased_at: 0, rows: {}, objects: 0, suppressed: 1, signature: "" };
  await env.DB.prepare(
    `INSERT INTO lead_erasures (unit, receipt_id, erased_id, status, requested_by, requested_at, erased, suppressed, steps, run_at, receipt)
     VALUES (?1, ?2, ?3, 'erased', 'nobody', 0, '{}', 1, 0, 0, ?4)`,
  )
    .bind(unit, id, receipt.lead_id, JSON.stringify(receipt))
    .run();
  return id;
}

async function mintFit(owner: Client): Promise<Pick<Things, "profileRuleset" | "profileRule" | "profileMapping">> {
  const { id } = await post<Made>(owner, "/profile-scoring/rulesets", { name: "Acme fit" });
  const rule = { profile_field: "firm", operator: "equals", value: "Acme", weight: 10 };
  const profileRule = (await post<Made>(owner, `/profile-scoring/rulesets/${id}/rules`, rule)).id;
  const mapping = { metadata_key: "company", profile_field: "firm" };
  return { profileRuleset: id, profileRule, profileMapping: (await post<Made>(owner, "/profile-mappings", mapping)).id };
}

/** What the owner sees of them: what must not change. */
const triggerSights = (its: TriggerThings): string[] => [
  ...Object.values(TRIGGER_PATHS),
  "/milestone-events",
  `/import/jobs/${its.events}`,
];

/** Not active: nobody polls it. */
const SOURCE = { name: "Sheet", url: "https://example.com/leads.csv", mapping: MAPPING, active: false };

/** Everything that one org unit can have. */
type Things = TriggerThings & {
  organization_id: string;
  unit_id: string;
  /** as the workspace dialect writes it */
  workspaceLead: string;
  account: string;
  domain: string;
  file: string;
  queued: string;
  done: string;
  source: string;
  inbound: string;
  payload: string;
  plan: string;
  upload: string;
  mapping: string;
  secret: string;
  writeKey: string;
  token: string;
  credential: string;
  channel: string;
  delivery: string;
  lead: string;
  event: string;
  waiting: string;
  rejected: string;
  ruleset: string;
  rule: string;
  level: string;
  profileRuleset: string;
  profileRule: string;
  profileMapping: string;
  velocityFilter: string;
  savedFilter: string;
  segment: string;
  segmentTrigger: string;
  bulk: string;
  /** two more leads, of which one is merged */
  spare: string;
  merge: string;
  conflict: string;
  erasable: string;
  erasure: string;
};

type Attempt = {
  path: string;
  json?: unknown;
  /** what everybody else gets; 404 unless said otherwise */
  denied?: (answer: Response) => Promise<unknown>;
  /** what the owner gets: proof that the attempt is a good one */
  allowed: number;
};

/** The operator's routes of a channel: every tenant is refused as everybody without the admin token is. */
const CHANNEL_ATTEMPTS = Object.fromEntries(
  [
    ["GET", ""],
    ["PUT", "", { title: "stolen" }],
    ["DELETE", ""],
    ["POST", "/leads", { aliases: [{ kind: "email", value: ALIAS }] }],
    ["GET", "/reward-triggers"],
    ["POST", "/reward-triggers", { kind: "purchase", amount_type: "fixed", amount: 1 }],
    ["PUT", "/reward-triggers/{trigger_id}", { active: false }],
    ["DELETE", "/reward-triggers/{trigger_id}"],
    ["GET", "/reward-events"],
    ["GET", "/events"],
  ].map(([method, path, json]) => {
    const route = `/admin/channels/{channel_id}${path}`;
    const denied = (answer: Response) => readProblem(answer, 401);
    return [`${method} ${route}`, () => [{ path: route.replace(/\{\w+\}/g, crypto.randomUUID()), json, denied, allowed: 401 }]];
  }),
) as Record<string, () => Attempt[]>;

/** The workspace dialect's routes of one lead; a service account opens none of them, so the owner is tried with its key apart. */
const leadRoutes = (base: string): Record<string, (its: Things) => Attempt[]> =>
  Object.fromEntries(
    (["GET", "PUT", "DELETE"] as const).map((method) => [
      `${method} ${base}/{leadId}`,
      ({ lead }: Things) => [
        {
          path: `${base.replace("{chatbotId}", "cb_1")}/${lead}`,
          ...(method === "PUT" ? { json: { status: "lost" } } : {}),
          denied: (answer: Response) => readError(answer, 401),
          allowed: 401,
        },
      ],
    ]),
  );

/** Levels of the other dimensions: an engagement level's id opens none of them, the owner's included. */
const levelRoutes = (dimension: string): Record<string, (its: Things) => Attempt[]> => ({
  [`PUT /${dimension}-levels/{id}`]: ({ level }) => [{ path: `/${dimension}-levels/${level}`, json: { name: "stolen" }, allowed: 404 }],
  [`DELETE /${dimension}-levels/{id}`]: ({ level }) => [{ path: `/${dimension}-levels/${level}`, allowed: 404 }],
});

/** Each route that takes an id, an alias or an upload's name, by method and path as /openapi.json writes them. */
const ATTEMPTS: Record<string, (its: Things) => Attempt[]> = {
  ...TRIGGER_ATTEMPTS,
  "GET /lead/by-alias": () => [{ path: `/lead/by-alias?kind=email&value=${ALIAS}`, allowed: 200 }],
  "PATCH /lead/by-alias/metadata": () => [
    { path: "/lead/by-alias/metadata", json: { alias_value: ALIAS, attributes: { stolen: true } }, allowed: 200 },
  ],
  "GET /lead/{leadId}": ({ lead }) => [{ path: `/lead/${lead}`, allowed: 200 }],
  "PUT /lead/{leadId}": ({ lead }) => [{ path: `/lead/${lead}`, json: { status: "lost" }, allowed: 200 }],
  "PATCH /lead/{leadId}/metadata": ({ lead }) => [{ path: `/lead/${lead}/metadata`, json: { stolen: true }, allowed: 200 }],
  "GET /lead/{leadId}/audit": ({ lead }) => [{ path: `/lead/${lead}/audit`, allowed: 200 }],
  "POST /lead/by-alias/batch": ({ lead }) => [
    {
      path: "/lead/by-alias/batch",
      json: { aliases: [{ kind: "email", value: ALIAS }] },
      denied: async (answer) => expect([answer.status, await answer.text()]).toEqual([200, expect.not.stringContaining(lead)]),
      allowed: 200,
    },
  ],
  "GET /leads/bulk/jobs/{jobId}": ({ bulk }) => [{ path: `/leads/bulk/jobs/${bulk}`, allowed: 200 }],
  "POST /leads/bulk/jobs/{jobId}/undo": ({ bulk }) => [{ path: `/leads/bulk/jobs/${bulk}/undo`, allowed: 202 }],
  "GET /lead/{leadId}/export": ({ lead }) => [{ path: `/lead/${lead}/export`, allowed: 200 }],
  "POST /leads/{leadId}/watch": ({ lead }) => [{ path: `/leads/${lead}/watch`, allowed: 201 }],
  "DELETE /leads/{leadId}/watch": ({ lead }) => [{ path: `/leads/${lead}/watch`, allowed: 204 }],
  "GET /segments/compare": ({ segment }) => [{ path: `/segments/compare?a=${segment}&b=${segment}`, allowed: 200 }],
  "GET /segments/{id}": ({ segment }) => [{ path: `/segments/${segment}`, allowed: 200 }],
  "GET /segments/{id}/preview": ({ segment }) => [{ path: `/segments/${segment}/preview`, allowed: 200 }],
  "POST /segments/{id}/copy": ({ segment }) => [{ path: `/segments/${segment}/copy`, allowed: 201 }],
  "PUT /segments/{id}": ({ segment }) => [{ path: `/segments/${segment}`, json: { active: false }, allowed: 200 }],
  "DELETE /segments/{id}": ({ segment }) => [{ path: `/segments/${segment}`, allowed: 204 }],
  "GET /segment-triggers/{id}": ({ segmentTrigger }) => [{ path: `/segment-triggers/${segmentTrigger}`, allowed: 200 }],
  "PUT /segment-triggers/{id}": ({ segmentTrigger }) => [
    { path: `/segment-triggers/${segmentTrigger}`, json: { active: false }, allowed: 200 },
  ],
  "DELETE /segment-triggers/{id}": ({ segmentTrigger }) => [{ path: `/segment-triggers/${segmentTrigger}`, allowed: 204 }],
  "DELETE /filters/{id}": ({ savedFilter }) => [{ path: `/filters/${savedFilter}`, allowed: 204 }],
  "POST /leads/{leadId}/owner": ({ lead }) => [{ path: `/leads/${lead}/owner`, json: { owner_id: "thief" }, allowed: 200 }],
  "POST /leads/bulk-assign-owner": ({ lead }) => [
    {
      path: "/leads/bulk-assign-owner",
      json: { lead_ids: [lead], owner_id: "thief" },
      denied: async (answer) => expect(await answer.json()).toMatchObject({ assigned: [], unchanged: [], not_found: [lead] }),
      allowed: 200,
    },
  ],
  "GET /lead/{leadId}/aliases": ({ lead }) => [{ path: `/lead/${lead}/aliases`, allowed: 200 }],
  "POST /lead/{leadId}/aliases": ({ lead }) => [{ path: `/lead/${lead}/aliases`, json: { kind: "cookie", value: "stolen" }, allowed: 201 }],
  "DELETE /lead/{leadId}/aliases/{kind}/{value}": ({ lead }) => [{ path: `/lead/${lead}/aliases/cookie/stolen`, allowed: 204 }],
  "GET /accounts/{id}": ({ account, domain }) => [
    { path: `/accounts/${account}`, allowed: 200 },
    { path: `/accounts/${domain}`, allowed: 200 },
  ],
  "PUT /accounts/{id}": ({ account }) => [{ path: `/accounts/${account}`, json: { name: "stolen" }, allowed: 200 }],
  "POST /accounts/merge": ({ account }) => [
    { path: "/accounts/merge", json: { target_account_id: account, source_account_ids: ["acct_none"] }, allowed: 404 },
  ],
  "POST /leads/import/start": ({ file, plan }) => [
    { path: "/leads/import/start", json: { file_id: file, ...MAPPING }, allowed: 202 },
    { path: "/leads/import/start", json: { plan_id: plan }, allowed: 202 },
  ],
  "GET /leads/import/uploads/{uploadId}": ({ upload }) => [{ path: `/leads/import/uploads/${upload}`, allowed: 200 }],
  "PUT /leads/import/uploads/{uploadId}/parts/{partNo}": ({ upload }) => [
    { path: `/leads/import/uploads/${upload}/parts/1`, allowed: 400 },
  ],
  "POST /leads/import/uploads/{uploadId}/complete": ({ upload }) => [{ path: `/leads/import/uploads/${upload}/complete`, allowed: 409 }],
  "DELETE /leads/import/uploads/{uploadId}": ({ upload }) => [{ path: `/leads/import/uploads/${upload}`, allowed: 204 }],
  "POST /leads/import/plan": ({ file }) => [{ path: "/leads/import/plan", json: { file_id: file, ...MAPPING }, allowed: 200 }],
  "GET /leads/import/plans/{planId}": ({ plan }) => [{ path: `/leads/import/plans/${plan}`, allowed: 200 }],
  "GET /leads/import/plans/{planId}/rows": ({ plan }) => [{ path: `/leads/import/plans/${plan}/rows`, allowed: 200 }],
  "GET /leads/import/jobs/{jobId}": ({ queued, done }) => [
    { path: `/leads/import/jobs/${queued}`, allowed: 200 },
    { path: `/leads/import/jobs/${done}`, allowed: 200 },
  ],
  "GET /leads/import/jobs/{jobId}/errors.csv": ({ done }) => [{ path: `/leads/import/jobs/${done}/errors.csv`, allowed: 200 }],
  "GET /leads/import/jobs/{jobId}/errors.xlsx": ({ done }) => [{ path: `/leads/import/jobs/${done}/errors.xlsx`, allowed: 200 }],
  "PUT /leads/import/mappings/{id}": ({ mapping }) => [
    { path: `/leads/import/mappings/${mapping}`, json: { name: "Stolen" }, allowed: 200 },
  ],
  "DELETE /leads/import/mappings/{id}": ({ mapping }) => [{ path: `/leads/import/mappings/${mapping}`, allowed: 204 }],
  "GET /leads/import/jobs/{jobId}/events": ({ done }) => [{ path: `/leads/import/jobs/${done}/events`, allowed: 200 }],
  "GET /leads/import/jobs/{jobId}/warnings": ({ done }) => [{ path: `/leads/import/jobs/${done}/warnings`, allowed: 200 }],
  "POST /leads/import/jobs/{jobId}/undo": ({ done }) => [{ path: `/leads/import/jobs/${done}/undo?dry_run=true`, allowed: 200 }],
  "GET /leads/import/jobs/{jobId}/undo/kept": ({ done }) => [{ path: `/leads/import/jobs/${done}/undo/kept`, allowed: 200 }],
  "GET /leads/import/sources/{sourceId}": ({ source }) => [{ path: `/leads/import/sources/${source}`, allowed: 200 }],
  "PUT /leads/import/sources/{sourceId}": ({ source }) => [{ path: `/leads/import/sources/${source}`, json: SOURCE, allowed: 200 }],
  "POST /leads/import/sources/{sourceId}/poll": ({ source }) => [{ path: `/leads/import/sources/${source}/poll`, allowed: 409 }],
  "POST /leads/import/sources/{sourceId}/approve": ({ source }) => [{ path: `/leads/import/sources/${source}/approve`, allowed: 409 }],
  "POST /leads/import/sources/{sourceId}/discard": ({ source }) => [{ path: `/leads/import/sources/${source}/discard`, allowed: 409 }],
  "DELETE /leads/import/sources/{sourceId}": ({ source }) => [{ path: `/leads/import/sources/${source}`, allowed: 204 }],
  "GET /sources/{sourceId}": ({ inbound }) => [{ path: `/sources/${inbound}`, allowed: 200 }],
  "PATCH /sources/{sourceId}": ({ inbound }) => [{ path: `/sources/${inbound}`, json: { name: "stolen" }, allowed: 200 }],
  "GET /sources/{sourceId}/payloads": ({ inbound }) => [{ path: `/sources/${inbound}/payloads`, allowed: 200 }],
  "POST /sources/{sourceId}/payloads/{payloadId}/replay": ({ inbound, payload }) => [
    { path: `/sources/${inbound}/payloads/${payload}/replay`, allowed: 202 },
  ],
  "DELETE /sources/{sourceId}": ({ inbound }) => [{ path: `/sources/${inbound}`, allowed: 204 }],
  "POST /leads/import/jobs/{jobId}/cancel": ({ queued }) => [{ path: `/leads/import/jobs/${queued}/cancel`, allowed: 200 }],
  "POST /org-units/active": ({ unit_id }) => [{ path: "/org-units/active", json: { ouId: unit_id }, allowed: 200 }],
  // found, but a credential with a home changes no org unit
  "PUT /org-units/{id}": ({ unit_id }) => [{ path: `/org-units/${unit_id}`, json: { name: "Alpha" }, allowed: 403 }],
  ...leadRoutes("/api/v1/leads"),
  ...leadRoutes("/api/v1/chatbots/{chatbotId}/leads"),
  "DELETE /settings/tokens/{id}": ({ token }) => [{ path: `/settings/tokens/${token}`, allowed: 204 }],
  "DELETE /secrets/{id}": ({ secret }) => [{ path: `/secrets/${secret}`, allowed: 204 }],
  "DELETE /write-keys/{id}": ({ writeKey }) => [{ path: `/write-keys/${writeKey}`, allowed: 204 }],
  "GET /deliveries/{id}": ({ delivery }) => [{ path: `/deliveries/${delivery}`, allowed: 200 }],
  "POST /deliveries/{id}/replay": ({ delivery }) => [{ path: `/deliveries/${delivery}/replay`, allowed: 202 }],
  "GET /notification-channels/{id}": ({ channel }) => [{ path: `/notification-channels/${channel}`, allowed: 200 }],
  "PUT /notification-channels/{id}": ({ channel }) => [
    { path: `/notification-channels/${channel}`, json: { name: "stolen" }, allowed: 200 },
    { path: `/notification-channels/${channel}`, json: { active: false }, allowed: 200 },
    { path: `/notification-channels/${channel}`, json: { active: true }, allowed: 200 },
  ],
  "POST /notification-channels/{id}/rotate-secret": ({ channel }) => [
    { path: `/notification-channels/${channel}/rotate-secret`, allowed: 200 },
  ],
  "POST /notification-channels/{id}/test": ({ channel }) => [{ path: `/notification-channels/${channel}/test`, allowed: 202 }],
  "DELETE /notification-channels/{id}": ({ channel }) => [{ path: `/notification-channels/${channel}`, allowed: 204 }],
  "GET /ingest/receipts/{event_id}": ({ event, waiting }) => [
    { path: `/ingest/receipts/${event}`, allowed: 200 },
    { path: `/ingest/receipts/${waiting}`, allowed: 200 },
  ],
  "POST /ingest/rejected/{event_id}/replay": ({ rejected }) => [{ path: `/ingest/rejected/${rejected}/replay`, allowed: 202 }],
  "GET /events": ({ lead }) => [{ path: `/events?lead_id=${lead}`, allowed: 200 }],
  "GET /events/{leadId}": ({ lead }) => [{ path: `/events/${lead}`, allowed: 200 }],
  "GET /score/{leadId}": ({ lead }) => [{ path: `/score/${lead}`, allowed: 200 }],
  "GET /leads/{leadId}/score": ({ lead }) => [{ path: `/leads/${lead}/score`, allowed: 200 }],
  "GET /lead/{leadId}/score-explain": ({ lead }) => [{ path: `/lead/${lead}/score-explain`, allowed: 200 }],
  "GET /lead/{leadId}/score-history": ({ lead }) => [{ path: `/lead/${lead}/score-history`, allowed: 200 }],
  "POST /engagement-scoring/test": ({ lead }) => [
    { path: "/engagement-scoring/test", json: { lead_id: lead, rule: { event_type: "Acme View", weight: 1 } }, allowed: 200 },
  ],
  "GET /engagement-scoring/rulesets/{id}": ({ ruleset }) => [{ path: `/engagement-scoring/rulesets/${ruleset}`, allowed: 200 }],
  "PUT /engagement-scoring/rulesets/{id}": ({ ruleset }) => [
    { path: `/engagement-scoring/rulesets/${ruleset}`, json: { active: false }, allowed: 200 },
  ],
  "GET /engagement-scoring/rulesets/{id}/rules": ({ ruleset }) => [{ path: `/engagement-scoring/rulesets/${ruleset}/rules`, allowed: 200 }],
  "POST /engagement-scoring/rulesets/{id}/rules": ({ ruleset }) => [
    { path: `/engagement-scoring/rulesets/${ruleset}/rules`, json: { event_type: "x", weight: 1 }, allowed: 201 },
  ],
  "PUT /rules/{id}": ({ rule }) => [{ path: `/rules/${rule}`, json: { weight: 99 }, allowed: 200 }],
  "DELETE /rules/{id}": ({ rule }) => [{ path: `/rules/${rule}`, allowed: 204 }],
  "DELETE /engagement-scoring/rulesets/{id}": ({ ruleset }) => [{ path: `/engagement-scoring/rulesets/${ruleset}`, allowed: 204 }],
  "PUT /engagement-levels/{id}": ({ level }) => [{ path: `/engagement-levels/${level}`, json: { max_score: 5 }, allowed: 200 }],
  "DELETE /engagement-levels/{id}": ({ level }) => [{ path: `/engagement-levels/${level}`, allowed: 204 }],
  ...levelRoutes("profile"),
  ...levelRoutes("account"),
  "PUT /velocity-filters/{id}": ({ velocityFilter }) => [
    { path: `/velocity-filters/${velocityFilter}`, json: { threshold: 9 }, allowed: 200 },
  ],
  "DELETE /velocity-filters/{id}": ({ velocityFilter }) => [{ path: `/velocity-filters/${velocityFilter}`, allowed: 204 }],
  "POST /profile-scoring/test": ({ lead }) => [
    {
      path: "/profile-scoring/test",
      json: { lead_id: lead, rule: { profile_field: "firm", operator: "equals", value: "Acme", weight: 1 } },
      allowed: 200,
    },
  ],
  "GET /profile-scoring/rulesets/{id}": ({ profileRuleset }) => [{ path: `/profile-scoring/rulesets/${profileRuleset}`, allowed: 200 }],
  "PUT /profile-scoring/rulesets/{id}": ({ profileRuleset }) => [
    { path: `/profile-scoring/rulesets/${profileRuleset}`, json: { name: "Acme fit, renamed" }, allowed: 200 },
  ],
  "GET /profile-scoring/rulesets/{id}/rules": ({ profileRuleset }) => [
    { path: `/profile-scoring/rulesets/${profileRuleset}/rules`, allowed: 200 },
  ],
  "POST /profile-scoring/rulesets/{id}/rules": ({ profileRuleset }) => [
    {
      path: `/profile-scoring/rulesets/${profileRuleset}/rules`,
      json: { profile_field: "firm", operator: "equals", value: "x", weight: 1 },
      allowed: 201,
    },
  ],
  "PUT /profile-scoring/rulesets/{id}/rules/{ruleId}": ({ profileRuleset, profileRule }) => [
    { path: `/profile-scoring/rulesets/${profileRuleset}/rules/${profileRule}`, json: { weight: 5 }, allowed: 200 },
  ],
  "DELETE /profile-scoring/rulesets/{id}/rules/{ruleId}": ({ profileRuleset, profileRule }) => [
    { path: `/profile-scoring/rulesets/${profileRuleset}/rules/${profileRule}`, allowed: 204 },
  ],
  "DELETE /profile-scoring/rulesets/{id}": ({ profileRuleset }) => [{ path: `/profile-scoring/rulesets/${profileRuleset}`, allowed: 204 }],
  "PUT /profile-mappings/{id}": ({ profileMapping }) => [
    { path: `/profile-mappings/${profileMapping}`, json: { profile_field: "employer" }, allowed: 200 },
  ],
  "DELETE /profile-mappings/{id}": ({ profileMapping }) => [{ path: `/profile-mappings/${profileMapping}`, allowed: 204 }],
  // the operator's own: every tenant is refused as everybody without the admin token is
  "POST /admin/organizations/{organization_id}/credentials": ({ organization_id }) => [
    {
      path: `/admin/organizations/${organization_id}/credentials`,
      json: { kind: "service_account", name: "mine" },
      denied: (answer) => readProblem(answer, 401),
      allowed: 401,
    },
  ],
  "GET /admin/organizations/{organization_id}/credentials": ({ organization_id }) => [
    { path: `/admin/organizations/${organization_id}/credentials`, denied: (answer) => readProblem(answer, 401), allowed: 401 },
  ],
  "DELETE /admin/organizations/{organization_id}/credentials/{credential_id}": ({ organization_id, credential }) => [
    {
      path: `/admin/organizations/${organization_id}/credentials/${credential}`,
      denied: (answer) => readProblem(answer, 401),
      allowed: 401,
    },
  ],
  "POST /admin/dead-letters/{id}/replay": () => [
    { path: "/admin/dead-letters/message-1/replay", denied: (answer) => readProblem(answer, 401), allowed: 401 },
  ],
  "GET /admin/organizations/{organization_id}/org-units/{unit_id}/limits": ({ organization_id }) => [
    {
      path: `/admin/organizations/${organization_id}/org-units/unit_alpha/limits`,
      denied: (answer) => readProblem(answer, 401),
      allowed: 401,
    },
  ],
  "PUT /admin/organizations/{organization_id}/org-units/{unit_id}/limits": ({ organization_id }) => [
    {
      path: `/admin/organizations/${organization_id}/org-units/unit_alpha/limits`,
      json: { leads: 0 },
      denied: (answer) => readProblem(answer, 401),
      allowed: 401,
    },
  ],
  "POST /admin/organizations/{organization_id}/org-units/{unit_id}/move": ({ organization_id }) => [
    {
      path: `/admin/organizations/${organization_id}/org-units/unit_alpha/move`,
      json: { shard: 1 },
      denied: (answer) => readProblem(answer, 401),
      allowed: 401,
    },
  ],
  "GET /admin/organizations/{organization_id}/org-units/{unit_id}/moves/{move_id}": ({ organization_id }) => [
    {
      path: `/admin/organizations/${organization_id}/org-units/unit_alpha/moves/mov_${"0".repeat(32)}`,
      denied: (answer) => readProblem(answer, 401),
      allowed: 401,
    },
  ],
  ...CHANNEL_ATTEMPTS,
  "POST /identity/conflicts/{id}/resolve": ({ conflict }) => [
    { path: `/identity/conflicts/${conflict}/resolve`, json: { action: "dismiss" }, allowed: 200 },
  ],
  "DELETE /identity/blocked-values/{kind}/{value}": () => [{ path: "/identity/blocked-values/email/acme%40blocked.example", allowed: 204 }],
  "POST /leads/merge/preview": ({ lead, spare }) => [
    { path: "/leads/merge/preview", json: { targetLeadId: lead, sourceLeadIds: [spare] }, allowed: 200 },
  ],
  "GET /identity/merges/{mergeId}": ({ merge }) => [{ path: `/identity/merges/${merge}`, allowed: 200 }],
  "POST /leads/{leadId}/unmerge": ({ spare }) => [{ path: `/leads/${spare}/unmerge`, allowed: 200 }],
  "POST /leads/merge": ({ lead, spare }) => [{ path: "/leads/merge", json: { targetLeadId: lead, sourceLeadIds: [spare] }, allowed: 200 }],
  "GET /erasures/{receiptId}": ({ erasure }) => [{ path: `/erasures/${erasure}`, allowed: 200 }],
  "POST /lead/{leadId}/erase": ({ erasable }) => [{ path: `/lead/${erasable}/erase`, allowed: 200 }],
  // last: the lead is gone then
  "DELETE /lead/{leadId}": ({ lead }) => [{ path: `/lead/${lead}`, allowed: 200 }],
};

/** Routes that name nothing of anybody's: they show or make what is the caller's own. */
const OWN_ONLY = [
  ...TRIGGER_OWN_ONLY,
  "GET /leads",
  "GET /admin/usage",
  "POST /admin/restore/{table}",
  "GET /changes",
  "GET /segment-triggers",
  "POST /segment-triggers",
  "GET /segments",
  "POST /segments",
  "POST /segments/preview",
  "GET /leads/duplicates",
  "GET /identity/conflicts",
  "GET /identity/blocked-values",
  "POST /identity/blocked-values",
  "POST /leads",
  "POST /leads/batch",
  "PATCH /leads/bulk",
  "DELETE /leads/bulk",
  "GET /watched-leads",
  "GET /leads/export.csv",
  "GET /leads/export.ndjson",
  "GET /leads/export.xlsx",
  "GET /filters",
  "POST /filters",
  "POST /accounts",
  "GET /accounts",
  "GET /accounts/by-domain",
  "GET /accounts/fuzzy",
  "GET /profile-fields",
  "POST /profile-fields",
  "POST /leads/import/preview",
  "GET /sources",
  "POST /sources",
  "GET /leads/import/sources",
  "POST /leads/import/sources",
  "POST /leads/import/uploads",
  "GET /leads/import/jobs",
  "GET /leads/import/mappings",
  "GET /leads/import/placeholders",
  "PUT /leads/import/placeholders",
  "GET /org-units",
  "POST /org-units",
  "DELETE /org-units/active",
  "GET /org-units/sessions",
  "GET /secrets",
  "POST /secrets",
  "GET /settings/api-keys",
  "GET /write-keys",
  "POST /write-keys",
  "GET /settings/tokens",
  "POST /settings/tokens",
  "GET /notification-channels",
  "POST /notification-channels",
  "GET /deliveries",
  // a lead that is another's is rejected later: tried below
  "POST /ingest",
  "POST /ingest/batch",
  "GET /ingest/rejected",
  "POST /ingest/rejected/replay",
  "GET /event-types",
  "GET /event-stats",
  "GET /events-analytics",
  "GET /top-leads",
  "GET /engagement-scoring/rulesets",
  "POST /engagement-scoring/rulesets",
  "GET /engagement-levels",
  "POST /engagement-levels",
  "GET /profile-levels",
  "POST /profile-levels",
  "GET /account-levels",
  "POST /account-levels",
  "GET /settings/ou/event-types",
  // a type is named by whoever sends it: see velocity-filters.test.ts
  "GET /event-types/{eventType}/properties",
  "PATCH /settings/ou/event-types/{eventType}",
  "GET /velocity-filters",
  "POST /velocity-filters",
  "GET /profile-scoring/rulesets",
  "POST /profile-scoring/rulesets",
  "GET /profile-mappings",
  "POST /profile-mappings",
  "POST /admin/organizations",
  "GET /admin/organizations",
  "GET /admin/organizations/{organization_id}",
  "DELETE /admin/organizations/{organization_id}",
  "POST /admin/organizations/{organization_id}/export",
  "GET /admin/organizations/{organization_id}/exports/{export_id}",
  "GET /admin/organizations/{organization_id}/exports/{export_id}/tables/{table}",
  "POST /admin/organizations/{organization_id}/identity-providers",
  "GET /admin/organizations/{organization_id}/identity-providers",
  "DELETE /admin/organizations/{organization_id}/identity-providers/{identity_provider_id}",
  "GET /admin/audit",
  "POST /admin/channels",
  "GET /admin/channels",
  "POST /admin/channels/{channel_id}/reward-events/{reward_event_id}/reverse",
  "GET /admin/dead-letters",
  "POST /api/v1/leads",
  "GET /api/v1/leads",
  "POST /api/v1/chatbots/{chatbotId}/leads",
  "GET /api/v1/chatbots/{chatbotId}/leads",
];

/** The workspace dialect has its own credentials and its own errors. */
const isWorkspace = (path: string) => path.startsWith("/api/v1/");
const refused = (answer: Response, path: string) => (isWorkspace(path) ? readError(answer, 401) : readProblem(answer, 401));

const PUBLIC = /^\/($|(claim|health|in|metrics|docs|oauth|\.well-known)(\/|$))/;
const guardedOperations = async () => (await apiOperations()).filter((operation) => !PUBLIC.test(operation.path) && !isPartner(operation));

describe("every route", () => {
  it("demands credentials", async () => {
    const operations = await guardedOperations();
    expect(operations.length).toBeGreaterThan(20);
    for (const { method, path, requestBody } of operations) {
      const target = path.replace(/\{\w+\}/g, "anything");
      const example = requestBody?.content["application/json"]?.example;
      const json = example === undefined ? {} : { json: example };
      for (const client of [
        clientWith({}),
        bearerClient("wrong"),
        clientWith({ Authorization: basicHeader({ client_id: "a", client_secret: "b" }) }),
      ]) {
        for (const answer of [await client.call(method, target, json), await client.call(method, target)]) {
          expect(answer.headers.get("WWW-Authenticate"), `${method} ${path}`).toContain("Bearer");
          await refused(answer, path);
        }
      }
      // credentials come first: nobody learns what is wrong with a request without them
      const anything = method === "GET" ? {} : { body: "{", headers: { "Content-Type": "text/plain" } };
      await refused(await clientWith({}).call(method, target, anything), path);
    }
  });

  it("is tried below with another tenant's ids, or is known to take none", async () => {
    const known = [...Object.keys(ATTEMPTS), ...OWN_ONLY];
    const described = (await guardedOperations()).map(({ method, path }) => `${method} ${path}`);
    expect(described.filter((route) => !known.includes(route))).toEqual([]);
    expect(known.filter((route) => !described.includes(route))).toEqual([]);
    for (const route of described.filter((name) => !OWN_ONLY.includes(name)))
      if (route.includes("{")) expect(ATTEMPTS).toHaveProperty([route]);
  });
});

describe("one unit's things, tried by others", () => {
  let its: Things;
  let owner: Client;
  const others = new Map<string, { client: Client; headers?: Record<string, string> }>();

  beforeAll(async () => {
    const tenant = await mintTenant();
    const { organization_id } = tenant;
    const unit_id = await mintUnit(tenant, "Alpha");
    const beta = await mintUnit(tenant, "Beta");
    const credential = await mintCredential(organization_id, { kind: "service_account", unit_id });
    owner = clientWith({ Authorization: basicHeader(credential) });

    const lead = await mintLead(owner, { email: ALIAS }, { company: "Acme" });
    const ruleset = await mintRuleset(owner, "Acme rules");
    const rule = await mintRule(owner, { event_type: "Acme View", weight: 41 }, ruleset);
    const level = await post<{ id: string }>(owner, "/engagement-levels", { name: "Acme level", min_score: 0, max_score: 10 });
    const [event = ""] = await ingest(owner, { lead_id: lead, event_type: "Acme View", metadata: { company: "Acme" } });
    const [rejected = ""] = await ingest(owner, { lead_id: "ld_acme", event_type: "Acme View" });
    const [waiting] = await queueEvents(owner, { lead_id: lead, event_type: "Acme View" });
    const spare = await mintLead(owner, { email: "spare@acme.example.com" });
    const merged = await merge(owner, spare, [await mintLead(owner, { email: "gone@acme.example.com" })]);
    await owner.post(`/lead/${lead}/aliases`, { kind: "email", value: "spare@acme.example.com" });
    await owner.post("/identity/blocked-values", { kind: "email", value: "acme@blocked.example" });
    const { conflicts: open } = await (await owner.get("/identity/conflicts")).json<{ conflicts: { id: string }[] }>();
    const domain = "only-alpha.example.com";
    const account = await (await owner.post("/accounts", { name: "Acme", domain })).json<{ account_id: string }>();
    const done = await importCsv(owner, "Email\nnot-an-email\n", MAPPING);
    const kept = await owner.post("/leads/import/sources", SOURCE);
    const { source_id } = await kept.json<{ source_id: string }>();
    const inbound = await mintSource(owner, "generic");
    await send(inbound, JSON.stringify({ email: "form@acme.example.com" }));
    const queued = await startImport(owner, "Email\nnew@example.com\n", MAPPING, { IMPORT_QUEUE: heldQueue().IMPORT_QUEUE });
    const remembered = await (await owner.get("/leads/import/mappings")).json<{ mappings: { id: string }[] }>();
    // whatever is sent by the queue goes nowhere
    receiver();
    const channel = await mintChannel(owner, "webhook", { url: "https://acme.example.com/hook" });
    its = {
      ...(await mintTriggerThings(owner)),
      organization_id,
      unit_id,
      workspaceLead: lead.replace("ld_", "lead_"),
      account: account.account_id,
      domain,
      done: done.job_id,
      upload: await uploadOf(owner),
      plan: (await planCsv(owner, "Email\nplanned@example.com\n", MAPPING)).plan_id,
      queued,
      mapping: remembered.mappings[0]?.id ?? "",
      source: source_id,
      inbound: inbound.source_id,
      payload: (await payloadsOf(owner, inbound))[0]?.payload_id ?? "",
      file: await preview(owner, "Email\nlater@example.com\n"),
      secret: (await (await owner.post("/secrets", { name: "s" })).json<{ secret_id: string }>()).secret_id,
      writeKey: (await post<{ write_key_id: string }>(owner, "/write-keys", { name: "w" })).write_key_id,
      token: (await (await owner.post("/settings/tokens", { name: "t" })).json<{ id: string }>()).id,
      credential: credential.credential_id,
      channel: channel.id,
      delivery: (await heldDelivery(owner, channel.id)).delivery_id,
      lead,
      event,
      waiting: waiting?.events[0]?.event_id ?? "",
      rejected,
      ruleset,
      rule,
      level: level.id,
      ...(await mintFit(owner)),
      velocityFilter: (await post<Made>(owner, "/velocity-filters", { event_type: "Acme Click", threshold: 5, window_ms: 60_000 })).id,
      segment: await mintSegment(owner),
      segmentTrigger: (
        await post<Made>(owner, "/segment-triggers", { name: "Acme entered", segment_id: await mintSegment(owner), on: "entered" })
      ).id,
      bulk: (await (await owner.call("DELETE", "/leads/bulk", { json: { ids: ["ld_none"] } })).json<{ job_id: string }>()).job_id,
      savedFilter: (await post<{ id: string }>(owner, "/filters", { name: "Acme", criteria: { q: "acme" } })).id,
      spare,
      merge: merged.merge_id,
      conflict: open[0]?.id ?? "",
      erasable: await mintLead(owner, { email: "erasable@acme.example.com" }),
      erasure: await mintErasure(waiting?.unit ?? 0),
    };

    const rival = await mintTenant();
    others.set("another unit of the same organization", { client: await mintClient(organization_id, { unit_id: beta }) });
    others.set("another organization", { client: rival.client });
    others.set("another organization's account without a home", {
      client: await mintClient(rival.organization_id),
      headers: { "X-Org-Unit": "unit_default" },
    });
    const pat = await mintCredential(organization_id, { kind: "personal_token", unit_id: beta });
    others.set("a personal token of another unit", { client: bearerClient(pat.token) });
    const beta2 = await mintCredential(organization_id, { kind: "service_account", unit_id: beta });
    const issued = await request("/oauth/token", {
      method: "POST",
      headers: { Authorization: basicHeader(beta2) },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
    others.set("an access token of another unit", {
      client: bearerClient((await issued.json<{ access_token: string }>()).access_token),
    });
    const session = await others.get("another organization")?.client.post("/org-units/active", { ouId: "unit_default" });
    others.set("another organization's session", {
      client: await mintClient(rival.organization_id),
      headers: { Cookie: session?.headers.get("Set-Cookie")?.split(";")[0] ?? "" },
    });
  });

  /** All that the owner can see of itself. */
  const everything = async (): Promise<unknown> => {
    const paths = [
      ...triggerSights(its),
      `/lead/by-alias?value=${ALIAS}`,
      `/lead/${its.lead}`,
      "/lead/by-alias?value=new@example.com",
      `/accounts/${its.account}`,
      "/leads/import/jobs",
      `/leads/import/jobs/${its.queued}`,
      `/leads/import/jobs/${its.done}`,
      "/leads/import/mappings",
      "/org-units",
      "/org-units/sessions",
      "/profile-fields",
      "/secrets",
      "/write-keys",
      "/settings/tokens",
      "/notification-channels",
      "/deliveries",
      `/deliveries/${its.delivery}`,
      `/events/${its.lead}`,
      "/event-stats",
      "/ingest/rejected",
      `/lead/${its.lead}/score-explain?at=2100-01-01T00:00:00Z`,
      "/top-leads",
      "/engagement-scoring/rulesets",
      `/engagement-scoring/rulesets/${its.ruleset}/rules`,
      "/engagement-levels",
    ];
    const answers = await Promise.all(paths.map((path) => owner.get(path)));
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    return texts.map((text, at) => [paths[at], answers[at]?.headers.get("ETag"), text.replace(/req_\w+/, "")]);
  };

  it.each([
    "another unit of the same organization",
    "another organization",
    "another organization's account without a home",
    "a personal token of another unit",
    "an access token of another unit",
    "another organization's session",
  ])("%s finds none of them and changes nothing", async (who) => {
    const { client, headers = {} } = others.get(who) as { client: Client; headers?: Record<string, string> };
    const before = await everything();
    for (const [route, attempts] of Object.entries(ATTEMPTS)) {
      const method = route.split(" ")[0] ?? "";
      for (const { path, json, denied } of attempts(its)) {
        const answer = await client.call(method, path, { headers, ...(json === undefined ? {} : { json }) });
        const text = await answer.clone().text();
        await (denied ?? ((found) => readProblem(found, 404)))(answer);
        for (const secret of ["Acme", "company", "not-an-email", "acme.example.com"])
          expect(text, `${route} ${path}`).not.toContain(secret);
      }
    }
    expect(await everything()).toEqual(before);
  });

  it("nor does naming the owner's unit open the door", async () => {
    const { client: beta } = others.get("another unit of the same organization") as { client: Client };
    const { client: rival } = others.get("another organization") as { client: Client };
    for (const client of [beta, rival]) {
      await readProblem(await client.get(`/lead/by-alias?value=${ALIAS}`, { headers: { "X-Org-Unit": its.unit_id } }), 404);
    }
  });

  it("workspace keys of other units and organizations find no lead of it, on any route, and change nothing", async () => {
    const before = await everything();
    const keys = [
      await mintWorkspace({ unit_id: "unit_beta" }, { organization_id: its.organization_id } as Tenant),
      await mintWorkspace({}),
      await mintWorkspace(),
    ];
    keys.push(await mintWorkspace({}, { organization_id: its.organization_id } as Tenant));
    for (const { client, list } of keys) {
      for (const base of ["/api/v1/leads", "/api/v1/chatbots/cb_1/leads"]) {
        const path = `${base}/${its.workspaceLead}`;
        for (const headers of [{}, { "X-Org-Unit": its.unit_id }]) {
          await readError(await client.get(path, { headers }), 404, "LEAD_NOT_FOUND");
          await readError(await client.call("PUT", path, { json: { status: "lost" }, headers }), 404, "LEAD_NOT_FOUND");
          await readError(await client.call("DELETE", path, { headers }), 404, "LEAD_NOT_FOUND");
        }
      }
      for (const query of ["", "?search=alex", "?status=new"])
        expect((await list(query)).leads.map(({ id }) => id)).not.toContain(its.workspaceLead);
    }
    expect(await everything()).toEqual(before);
    const own = await mintWorkspace({ unit_id: its.unit_id }, { organization_id: its.organization_id } as Tenant);
    expect(await own.get(its.workspaceLead)).toMatchObject({ email: ALIAS, metadata: { company: "Acme" } });
  });

  it("another unit's account is not linked, and another unit's lists show nothing", async () => {
    for (const { client, headers = {} } of others.values()) {
      const lists = await Promise.all(
        [
          "/leads",
          "/leads?q=alex",
          "/leads/import/jobs",
          "/org-units/sessions",
          "/profile-fields",
          "/secrets",
          "/write-keys",
          "/settings/tokens",
          "/org-units",
          "/notification-channels",
          "/deliveries",
          `/deliveries?channel_id=${its.channel}`,
          "/events",
          "/event-types",
          "/event-stats",
          "/events-analytics",
          "/ingest/rejected",
          "/top-leads",
          "/engagement-scoring/rulesets",
          "/engagement-levels",
        ].map((path) => client.get(path, { headers })),
      );
      const texts = (await Promise.all(lists.map((answer) => answer.text()))).join();
      const own = [its.queued, its.done, its.secret, its.writeKey, its.token, its.credential, its.unit_id, its.channel, its.delivery];
      for (const id of [...own, its.lead, its.event, its.ruleset, its.rule, its.level, "Acme", "ld_acme"]) expect(texts).not.toContain(id);
    }
    const { client: beta } = others.get("another unit of the same organization") as { client: Client };
    await mintLead(beta, { email: "beta@example.com" });
    const answer = await beta.patch("/lead/by-alias/metadata", { alias_value: "beta@example.com", account_id: its.account });
    expect(await answer.json()).toMatchObject({ account_linked: false });
  });

  it("another unit's triggers and firings are in no list", async () => {
    for (const { client, headers = {} } of others.values()) {
      for (const path of [...Object.values(TRIGGER_PATHS), "/milestone-events", `/milestone-events?trigger_id=${its.milestone}`]) {
        const text = await (await client.get(path, { headers })).text();
        for (const id of [its.milestone, its.sequence, its.surge, its.firing, its.crossed]) expect(text).not.toContain(`"${id}"`);
      }
    }
  });

  it("another unit's lead and channels are of no use to a trigger, nor its lead to an import of events", async () => {
    const { client: beta } = others.get("another unit of the same organization") as { client: Client };
    await readProblem(await beta.post("/triggers", { name: "x", score_threshold: 1, channel_ids: [its.channel] }), 400);
    const { id } = await mintTrigger(beta, { score_threshold: 1 });
    await readProblem(await beta.post(`/triggers/${id}/simulate`, { lead_id: its.crossed }), 404);
    const job = await importEventsCsv(beta, `event_type,lead_id\nPage View,${its.crossed}\n`);
    expect(job).toMatchObject({ imported_count: 0, failed_count: 1, errors: [{ error: "Unknown lead_id" }] });
    expect(await firingsOf(beta)).toEqual([]);
  });

  it("an import of one unit never touches another unit's lead of the same alias", async () => {
    const before = await (await owner.get(`/lead/by-alias?value=${ALIAS}`)).json();
    const { client: beta } = others.get("another unit of the same organization") as { client: Client };
    const job = await importCsv(beta, `Email,Company\n${ALIAS},Rival Corp\n`, { ...MAPPING, field_mappings: { Company: "company" } });
    expect(job).toMatchObject({ created_count: 1, updated_count: 0 });
    expect(await (await owner.get(`/lead/by-alias?value=${ALIAS}`)).json()).toEqual(before);
    expect(await (await beta.get(`/lead/by-alias?value=${ALIAS}`)).json()).toMatchObject({ metadata: { company: "Rival Corp" } });
  });

  it("another unit's lead is nobody's: an event that names it is rejected, and one of the same alias makes a lead of its own", async () => {
    const before = await everything();
    const { client: beta } = others.get("another unit of the same organization") as { client: Client };
    const ids = await ingest(beta, { lead_id: its.lead, event_type: "x" }, { alias_kind: "email", alias: ALIAS, event_type: "x" });
    expect(await getReceipt(beta, ids[0] ?? "")).toMatchObject({ status: "rejected" });
    expect(await getReceipt(beta, ids[1] ?? "")).toMatchObject({ status: "processed", lead_id: expect.not.stringContaining(its.lead) });
    // the owner's own event id is free in every other unit
    await ingest(beta, { alias_kind: "email", alias: ALIAS, event_type: "x", event_id: its.event });
    expect(await getReceipt(beta, its.event)).toMatchObject({ status: "processed" });
    expect(await everything()).toEqual(before);
  });

  it("an upload without credentials leaves nothing", async () => {
    await readProblem(await clientWith({}).call("POST", "/leads/import/preview", { body: csvForm("Email\na@example.com\n") }), 401);
  });

  // last: it spends what the others must not find
  it("the owner finds every one of them", async () => {
    for (const [route, attempts] of Object.entries(ATTEMPTS)) {
      const method = route.split(" ")[0] ?? "";
      for (const { path, json, allowed } of attempts(its)) {
        const answer = await owner.call(method, path, json === undefined ? {} : { json });
        expect(answer.status, `${route} ${path}: ${await answer.text()}`).toBe(allowed);
      }
    }
  });
});

describe("a unit in the second database", () => {
  const CSV = `${contactsCsv(3)}nobody,,\n`;
  const TABLES = ["leads", "aliases", "import_files", "import_jobs", "import_chunks"];
  const EVENT_TABLES = ["events", "contributions", "lead_scores", "event_counts", "event_types", "rules", "refused_events"];

  /** A tenant whose leads are in DB_1, told before its first request. */
  async function mintSharded(): Promise<{ client: Client; unit: number }> {
    const { client, workspace_id } = await mintTenant();
    const unit = await env.DB.prepare("UPDATE org_units SET shard = 1 WHERE workspace_id = ?1 RETURNING unit")
      .bind(workspace_id)
      .first<number>("unit");
    return { client, unit: unit ?? 0 };
  }
  const rowsIn = async (database: D1Database, unit: number, tables = TABLES): Promise<Record<string, number>> => {
    const counts = tables.map(async (table) => {
      const rows = await database.prepare(`SELECT count(*) AS n FROM ${table} WHERE unit = ?1`).bind(unit).first<number>("n");
      return [table, rows ?? 0] as const;
    });
    return Object.fromEntries(await Promise.all(counts));
  };
  const leadId = async (client: Client): Promise<string> => {
    const answer = await client.get(`/lead/by-alias?value=${emailOf(1)}`);
    expect(answer.status).toBe(200);
    return (await answer.json<{ lead_id: string }>()).lead_id;
  };

  it("is imported, looked up and patched there, and leaves nothing in the first", async () => {
    const { client, unit } = await mintSharded();
    const job = await importCsv(client, CSV, CONTACTS_MAPPING);
    expect(job).toMatchObject({ status: "completed", created_count: 3, failed_count: 1 });
    expect(await rowsIn(env.DB_1, unit)).toEqual({ leads: 3, aliases: 6, import_files: 1, import_jobs: 1, import_chunks: 1 });
    expect(await rowsIn(env.DB, unit)).toEqual({ leads: 0, aliases: 0, import_files: 0, import_jobs: 0, import_chunks: 0 });

    // who the caller is, and which unit is meant, is known by now: the first database is not even asked
    const first = countingD1();
    const second = countingD1(env.DB_1);
    const bindings = { DB: first.DB, DB_1: second.DB };
    const found = await client.get(`/lead/by-alias?value=${emailOf(1)}`, { bindings });
    expect(await found.json()).toMatchObject({ email: emailOf(1), metadata: { first_name: "Name 1" } });
    const patch = { alias_value: emailOf(1), attributes: { seat: "12A" } };
    expect((await client.patch("/lead/by-alias/metadata", patch, { bindings })).status).toBe(200);
    expect([first.count.trips, second.count.trips]).toEqual([0, 3]);
  });

  it("has its events, scores and rules there", async () => {
    const { client, unit } = await mintSharded();
    await mintRule(client, { event_type: "x", weight: 10 });
    const first = countingD1();
    const { EVENT_QUEUE } = heldEvents();
    await ingest(client, { alias_kind: "email", alias: emailOf(1), event_type: "x" }, { lead_id: "ld_nobody", event_type: "x" });
    const one = { events: 1, contributions: 1, lead_scores: 1, event_counts: 1, event_types: 1, rules: 1, refused_events: 1 };
    expect(await rowsIn(env.DB_1, unit, EVENT_TABLES)).toEqual(one);
    expect(new Set(Object.values(await rowsIn(env.DB, unit, EVENT_TABLES)))).toEqual(new Set([0]));
    for (const path of ["/events", "/top-leads", "/event-stats", `/score/${await leadId(client)}`, "/ingest/rejected"]) {
      const answer = await client.get(path, { bindings: { DB: first.DB, EVENT_QUEUE } });
      expect(answer.status, path).toBe(200);
    }
    expect(first.count.trips).toBe(0);
    expect(await (await client.get("/top-leads")).json()).toMatchObject({ leads: [{ lead_id: await leadId(client), score: 10 }] });
  });

  it("has the same aliases as a unit of the first, and other leads: their ids name the database", async () => {
    const ids = [];
    for (const { client } of [await mintTenant(), await mintSharded()]) {
      expect(await importCsv(client, CSV, CONTACTS_MAPPING)).toMatchObject({ created_count: 3 });
      ids.push(await leadId(client));
    }
    expect(ids.map((id) => id.replace("ld_", "").slice(16, 19))).toEqual(["800", "801"]);
  });

  it("is swept like the first: stuck jobs of both are nudged, expired files of both are taken", async () => {
    const jobs = [];
    for (const { client } of [await mintTenant(), await mintSharded()]) jobs.push((await heldImport(client, CSV)).message);
    expect(jobs).toHaveLength(2);
    const { client, unit } = await mintSharded();
    await preview(client, CSV);
    const now = Date.now();
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      vi.setSystemTime(now + 61_000);
      expect(await cronTick("* * * * *")).toEqual(expect.arrayContaining(jobs));
      vi.setSystemTime(now + 3_700_000);
      await cronTick("*/10 * * * *");
      expect(await rowsIn(env.DB_1, unit)).toMatchObject({ import_files: 0 });
      expect(await rowsIn(env.DB_1, jobs[1]?.unit ?? 0)).toMatchObject({ import_files: 1 });
    } finally {
      vi.useRealTimers();
    }
    for (const message of jobs) await deliverAll(message);
    expect(await rowsIn(env.DB_1, jobs[1]?.unit ?? 0)).toMatchObject({ leads: 3, aliases: 6 });
    expect(await rowsIn(env.DB, jobs[0]?.unit ?? 0)).toMatchObject({ leads: 3, aliases: 6 });
  });
});
