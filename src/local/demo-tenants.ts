/** The tenants of a laptop: the same secrets on every machine, so the README's lines work as pasted. Never part of the Worker. */
import { createHash } from "node:crypto";

const ORGANIZATIONS = [
  { key: "demo", name: "Demo" },
  { key: "rival", name: "Rival" },
];
export const DEMO_ADMIN_TOKEN = "demo-admin-token";
/** The service account of Demo that may use all of its units. */
export const DEMO_CONSOLE_CREDENTIAL_ID = "sec_demo_org";

export const workspaceKey = (key: string): string => `sk-workspace_${key}`.padEnd(64, "0");

/** SQL that inserts the demo tenants unless they are there. */
export function demoTenantsSql(nowMs: number): string {
  return ORGANIZATIONS.map(({ key, name }) => {
    const organization = `org_${key}`;
    const units = [
      { unit_id: "unit_default", name: "Default", slug: "default", is_default: 1 },
      { unit_id: "unit_emea", name: "EMEA", slug: "emea", is_default: 0 },
    ];
    const credentials = [
      { id: `sec_${key}`, kind: "service_account", home: true, client: key, secret: `${key}-secret` },
      { id: `sec_${key}_org`, kind: "service_account", home: false, client: `${key}-org`, secret: `${key}-org-secret` },
      { id: `cred_${key}_workspace`, kind: "workspace_key", home: true, client: null, secret: workspaceKey(key) },
      { id: `cred_${key}_partner`, kind: "partner_key", home: false, client: null, secret: `${key}-partner-key` },
    ];
    return [
      insert("organizations", { organization_id: organization, company_id: uuidOf(key), name, created_at: nowMs }),
      ...units.map((unit) =>
        insert("org_units", {
          ...unit,
          organization_id: organization,
          workspace_id: `ws_${key}_${unit.slug}`,
          shard: 0,
          moving: 0,
          created_at: nowMs,
        }),
      ),
      ...credentials.map(({ id, kind, home, client, secret }) =>
        insert("credentials", {
          credential_id: id,
          kind,
          organization_id: organization,
          unit: home ? { sql: `(SELECT unit FROM org_units WHERE workspace_id = 'ws_${key}_default')` } : null,
          name: id,
          role: "admin",
          client_id: client,
          secret_hash: createHash("sha256").update(secret).digest("hex"),
          created_at: nowMs,
        }),
      ),
    ].join("\n");
  })
    .concat(demoChannelSql(nowMs))
    .join("\n");
}

/** A channel of Demo in which Rival is the partner; anybody's form may fill it. */
function demoChannelSql(nowMs: number): string {
  const channel_id = uuidOf("channel");
  const definitions = [
    { name: "Deal size", type: "number" },
    { name: "Region", type: "select" },
  ];
  const statuses = [
    { status: "New lead", color: "#3B82F6" },
    { status: "Qualified", color: "#F59E0B" },
    { status: "Won", color: "#10B981" },
  ];
  return [
    insert("channels", {
      channel_id,
      public_id: uuidOf("channel form"),
      title: "Demo referrals",
      unit: { sql: "(SELECT unit FROM org_units WHERE workspace_id = 'ws_demo_default')" },
      creator: uuidOf("demo"),
      partner: uuidOf("rival"),
      currency: "USD",
      no_auth_api: 1,
      created_at: nowMs,
    }),
    ...definitions.map((definition, at) =>
      insert("property_definitions", {
        channel_id,
        definition_id: uuidOf(`definition ${definition.name}`),
        ...definition,
        '"order"': at + 1,
        visible: 1,
        active: 1,
      }),
    ),
    ...statuses.map((status, at) =>
      insert("channel_statuses", { channel_id, status_id: uuidOf(`status ${status.status}`), ...status, '"order"': at + 1, visible: 1 }),
    ),
  ].join("\n");
}

export const DEMO_CHANNEL_ID = uuidOf("channel");

type Value = string | number | null | { sql: string };

function insert(table: string, row: Record<string, Value>): string {
  const literal = (value: Value) =>
    value === null ? "NULL" : typeof value === "number" ? String(value) : typeof value === "string" ? `'${value}'` : value.sql;
  return `INSERT OR IGNORE INTO ${table} (${Object.keys(row).join(", ")}) VALUES (${Object.values(row).map(literal).join(", ")});`;
}

/** The same id on every machine. */
function uuidOf(key: string): string {
  const hex = createHash("sha256").update(`company ${key}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
