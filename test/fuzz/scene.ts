/** A tenant with credentials for every scheme, whose queues a fuzz test drives by hand: nothing leaves the machine. */
import { env } from "cloudflare:workers";
import { mintChannel } from "../support/channels";
import { deliverEvents, heldEvents } from "../support/events";
import { deliver, heldQueue } from "../support/imports";
import { basicHeader, mintCredential, mintTenant, type Tenant } from "../support/tenant";
import { request } from "../support/worker";
import type { Operation } from "./document";
import { KnownIds } from "./known-ids";
import { type Answer, readAnswer } from "./verdict";

const REQUESTS_PER_HOUR = 1_000_000;
const REQUESTS_BETWEEN_WORK = 50;

export type Scene = {
  tenant: Tenant;
  ids: KnownIds;
  /** the headers that let a request through the operation's door */
  credentialsFor: (operation: Operation) => Record<string, string>;
  /** Sends a request and remembers the ids in its answer. Now and then the queues do their work. */
  send: (path: string, init: RequestInit) => Promise<Answer>;
};

export async function openScene(): Promise<Scene> {
  const tenant = await mintTenant();
  const organization = tenant.organization_id;
  const unlimited = { unit_id: "unit_default", rate_limit_per_hour: REQUESTS_PER_HOUR };
  const workspace = await mintCredential(organization, { kind: "workspace_key", ...unlimited });
  const partner = await mintCredential(organization, { kind: "partner_key" });
  const { write_key: writeKey, write_key_id } = await (await tenant.client.post("/write-keys", { name: "fuzz" })).json<{
    write_key: string;
    write_key_id: string;
  }>();
  const ids = new KnownIds(
    organization,
    new Set([write_key_id, ...[tenant.credential, workspace, partner].map(({ credential_id }) => credential_id)]),
  );
  ids.harvest(await mintChannel(tenant, { no_auth_api: true }));
  const queues = heldQueues();
  let sent = 0;
  return {
    tenant,
    ids,
    credentialsFor: doorsOf({ account: tenant.credential, workspace, partner, writeKey }),
    send: async (path, init) => {
      const answer = await readAnswer(await request(path, init, queues.bindings));
      if (answer.type === "application/json") ids.harvest(JSON.parse(answer.text));
      if (init.method === "DELETE" && answer.status < 300) ids.forget(path);
      if (++sent % REQUESTS_BETWEEN_WORK === 0) await queues.work();
      return answer;
    },
  };
}

type Minted = Awaited<ReturnType<typeof mintCredential>>;

type Doors = Record<"account" | "workspace" | "partner", Minted> & { writeKey: string };

function doorsOf({ account, workspace, partner, writeKey }: Doors) {
  const basic = { Authorization: basicHeader(account) };
  const byScheme: Record<string, Record<string, string>> = {
    Bearer: basic,
    Basic: basic,
    WorkspaceKey: { Authorization: `Bearer ${workspace.api_key}` },
    PartnerKey: { "X-Api-Key": partner.api_key },
    WriteKey: { Authorization: `Basic ${btoa(`${writeKey}:`)}` },
    AdminToken: { Authorization: "Bearer test-admin-token" },
  };
  return ({ security }: Operation) => byScheme[security[0] ?? ""] ?? {};
}

/** Queues that keep their messages until `work` runs the consumers on them; deliveries are dropped. */
function heldQueues() {
  const imports = heldQueue();
  const events = heldEvents();
  const bindings = {
    IMPORT_QUEUE: imports.IMPORT_QUEUE,
    EVENT_QUEUE: events.EVENT_QUEUE,
    DELIVERY_QUEUE: { send: async () => {}, sendBatch: async () => {} } as unknown as Queue,
    EMAIL_WEBHOOK_URL: "https://mail.example.com/send",
    PUBLIC_LEADS_LIMIT: { limit: async () => ({ success: true }) } as unknown as RateLimit,
  };
  const work = async () => {
    for (const message of imports.sent.splice(0)) await deliver(message, { ...env, ...bindings });
    const messages = events.sent.splice(0);
    if (messages.length > 0) await deliverEvents(messages, bindings);
  };
  return { bindings, work };
}
