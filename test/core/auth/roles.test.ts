/** The verbs of credentials check role and input themselves, whichever dialect calls them. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Ctx } from "../../../src/context";
import {
  createCredential,
  createPersonalToken,
  createServiceAccount,
  createWriteKey,
  revokeAnyCredential,
  revokePersonalToken,
  revokeServiceAccount,
  revokeWriteKey,
} from "../../../src/core/auth";
import { mintCtx, withRole } from "../../support/context";

type Given = { ctx: Ctx; account: string; token: string; writeKey: string };

const storedOf = async (ctx: Ctx): Promise<string> => {
  const select = "SELECT credential_id, revoked_at FROM credentials WHERE organization_id = ?1 ORDER BY credential_id";
  return JSON.stringify((await env.DB.prepare(select).bind(ctx.unit.organization_id).all()).results);
};

/** A context of the organization's own admin, with an account and a token that exist. */
async function mintGiven(): Promise<Given & { operator: Ctx }> {
  const operator: Ctx = { ...(await mintCtx()), actor: { kind: "operator" } };
  const ctx = await realAdmin(operator);
  const { credential_id: account } = await createServiceAccount(ctx, { name: "Account" });
  const { credential_id: token } = await createPersonalToken(ctx, { name: "Token" });
  const { write_key_id: writeKey } = await createWriteKey(ctx, { name: "Website" });
  return { ctx, operator, account, token, writeKey };
}

async function realAdmin(operator: Ctx): Promise<Ctx> {
  const { organization_id } = operator.unit;
  const { credential_id } = await createCredential(operator, organization_id, { kind: "service_account", name: "Admin" });
  return { ...operator, actor: { kind: "credential", credential_id, organization_id, role: "admin", home: null } };
}

const asRole = ({ ctx }: Given, role: "viewer" | "editor"): Ctx => withRole(ctx, role);

const VERBS: [verb: string, below: "viewer" | "editor", (ctx: Ctx, given: Given) => Promise<unknown>][] = [
  ["createServiceAccount", "editor", (ctx) => createServiceAccount(ctx, { name: "Zapier" })],
  ["revokeServiceAccount", "editor", (ctx, { account }) => revokeServiceAccount(ctx, account)],
  ["createWriteKey", "editor", (ctx) => createWriteKey(ctx, { name: "Website" })],
  ["revokeWriteKey", "editor", (ctx, { writeKey }) => revokeWriteKey(ctx, writeKey)],
  ["createPersonalToken", "viewer", (ctx) => createPersonalToken(ctx, { name: "laptop" })],
  ["revokePersonalToken", "viewer", (ctx, { token }) => revokePersonalToken(ctx, token)],
];

it.each(VERBS)("%s: a role below is refused and nothing changes; an admin may", async (_, below, call) => {
  const given = await mintGiven();
  const before = await storedOf(given.ctx);
  await expect(call(asRole(given, below), given)).rejects.toMatchObject({ code: "forbidden" });
  expect(await storedOf(given.ctx)).toBe(before);
  await call(given.ctx, given);
  expect(await storedOf(given.ctx)).not.toBe(before);
});

const OPERATOR_VERBS: [string, (ctx: Ctx, given: Given) => Promise<unknown>][] = [
  ["createCredential", (ctx) => createCredential(ctx, ctx.unit.organization_id, { kind: "workspace_key", name: "Key" })],
  ["revokeAnyCredential", (ctx, { account }) => revokeAnyCredential(ctx, ctx.unit.organization_id, account)],
];

it.each(OPERATOR_VERBS)("%s: an organization's own admin is refused and nothing changes; the operator may", async (_, call) => {
  const given = await mintGiven();
  const before = await storedOf(given.ctx);
  await expect(call(given.ctx, given)).rejects.toMatchObject({ code: "forbidden" });
  expect(await storedOf(given.ctx)).toBe(before);
  await call(given.operator, given);
  expect(await storedOf(given.ctx)).not.toBe(before);
});

const NAMES = ["", " ", "x".repeat(5000), "a\0b", "\ud800", 5, null, undefined, {}];
const KEY = { kind: "workspace_key", name: "Key" };

it("input outside the limits is invalid_request, and nothing is stored", async () => {
  const given = await mintGiven();
  const { ctx, operator } = given;
  const before = await storedOf(ctx);
  const verbs: [string, unknown[], (input: never) => Promise<unknown>][] = [
    ["createServiceAccount", [undefined, null, "x", ...NAMES.map((name) => ({ name }))], (input) => createServiceAccount(ctx, input)],
    [
      "createWriteKey",
      [
        ...NAMES.map((name) => ({ name })),
        ...[
          "",
          "*",
          "null",
          "example.com",
          "https://example.com/path",
          "ftp://example.com",
          "https://a:b@example.com",
          "https://example.com?",
        ].map((origin) => ({ name: "x", origins: [origin] })),
        { name: "x", origin: "https://example.com" },
        { name: "x", origins: Array.from({ length: 51 }, (_, n) => `https://${n}.example.com`) },
      ],
      (input) => createWriteKey(ctx, input),
    ],
    [
      "createPersonalToken",
      [
        ...NAMES.map((name) => ({ name })),
        ...[1, -1, 1.5, Number.NaN, 9e15, "2027-01-15T10:00:00Z"].map((expires_at) => ({ name: "x", expires_at })),
      ],
      (input) => createPersonalToken(ctx, input),
    ],
    [
      "createCredential",
      [
        ...NAMES.map((name) => ({ ...KEY, name })),
        { ...KEY, kind: "root" },
        { ...KEY, role: "owner" },
        { ...KEY, unit_id: "" },
        { ...KEY, rate_limit_per_hour: 0 },
        { ...KEY, expires_at: "soon" },
      ],
      (input) => createCredential(operator, operator.unit.organization_id, input),
    ],
  ];
  for (const [verb, inputs, call] of verbs) {
    for (const input of inputs) {
      const refusal = await call(input as never).catch((error: unknown) => error);
      expect(refusal, `${verb} ${JSON.stringify(input)}`).toMatchObject({ code: "invalid_request" });
    }
  }
  expect(await storedOf(ctx)).toBe(before);
});
