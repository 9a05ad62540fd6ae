/** However often a program requests an approval, a person and an org unit hold a bounded number of grants. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import type { Ctx } from "../../../src/context";
import { createCredential, createGrant, listGrants, revokeGrant } from "../../../src/core/auth";
import { mintCtx } from "../../support/context";
import { REDIRECT_URI } from "../../support/oauth";
import { planOf } from "../../support/query-plans";
import { countingD1 } from "../../support/worker";

const DAY_MS = 86_400_000;
const wanted = {
  role: "viewer",
  name: "Agent",
  terms: { client_id: "client", redirect_uri: REDIRECT_URI, code_challenge: "c", resource: null },
} as const;

async function mintViewer(): Promise<Ctx> {
  const operator: Ctx = { ...(await mintCtx()), actor: { kind: "operator" } };
  return viewerOf(operator);
}

/** Another one of the same organization. */
async function viewerOf(ctx: Ctx): Promise<Ctx> {
  const { organization_id } = ctx.unit;
  const given = { kind: "service_account", name: "viewer", role: "viewer" } as const;
  const { credential_id } = await createCredential({ ...ctx, actor: { kind: "operator" } }, organization_id, given);
  return { ...ctx, actor: { kind: "credential", credential_id, organization_id, role: "viewer", home: null } };
}

/** Grants of the caller, or of nobody: living, or ended by now. */
async function store({ unit, actor }: Ctx, rows: number, { ended, others = false }: { ended: boolean; others?: boolean }): Promise<void> {
  const creator = actor.kind === "credential" && !others ? actor.credential_id : null;
  await env.DB.prepare(
    `INSERT INTO credentials (credential_id, kind, organization_id, unit, name, role, secret_hash, created_at, created_by, expires_at, grant_terms)
     WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
     SELECT 'grant_' || hex(randomblob(16)), 'oauth_grant', ?2, ?3, 'Agent', 'viewer', hex(randomblob(32)), ?4, ?5, ?6, ?7 FROM n`,
  )
    .bind(
      rows,
      unit.organization_id,
      unit.unit,
      Date.now() - 1_000,
      creator,
      Date.now() + (ended ? -1 : DAY_MS),
      JSON.stringify(wanted.terms),
    )
    .run();
}

it("one person has at most 50 living grants in a unit, also by approvals at once, and disconnecting one makes room", async () => {
  const viewer = await mintViewer();
  await store(viewer, 48, { ended: false });
  const attempts = await Promise.allSettled(Array.from({ length: 4 }, () => createGrant(viewer, wanted)));
  expect(attempts.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  await expect(createGrant(viewer, wanted)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("disconnect") });
  const grants = await listGrants(viewer);
  expect(grants).toHaveLength(50);
  await createGrant(await viewerOf(viewer), wanted);
  await revokeGrant(viewer, grants[0]?.grant_id ?? "");
  await createGrant(viewer, wanted);
});

it("codes that nobody redeems count for a day: the 101st approval of a person is refused", async () => {
  const viewer = await mintViewer();
  await store(viewer, 99, { ended: true });
  await createGrant(viewer, wanted);
  await expect(createGrant(viewer, wanted)).rejects.toMatchObject({ code: "rate_limited" });
  await createGrant({ ...viewer, now: () => Date.now() + DAY_MS }, wanted);
});

it("a unit has at most 1,000 living grants, and 2,000 approvals a day", async () => {
  const viewer = await mintViewer();
  await store(viewer, 1_000, { ended: false, others: true });
  await expect(createGrant(viewer, wanted)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("disconnect") });
  const another = await mintViewer();
  await store(another, 2_000, { ended: true, others: true });
  await expect(createGrant(another, wanted)).rejects.toMatchObject({ code: "rate_limited" });
});

it("the users of an identity provider are counted each for themselves", async () => {
  const viewer = await mintViewer();
  await store(viewer, 50, { ended: false });
  const { organization_id } = viewer.unit;
  const user = { kind: "identity_provider", organization_id, role: "viewer", home: null, identity_provider_id: null } as const;
  const ctx = (subject: string): Ctx => ({ ...viewer, actor: { ...user, subject } as Ctx["actor"] });
  for (let at = 0; at < 50; at++) await createGrant(ctx("ann"), wanted);
  await expect(createGrant(ctx("ann"), wanted)).rejects.toMatchObject({ code: "conflict" });
  await createGrant(ctx("ben"), wanted);
});

it("neither the list nor an approval scans the credentials of other organizations", async () => {
  const { DB, count } = countingD1();
  const operator: Ctx = { ...(await mintCtx({ DB })), actor: { kind: "operator" } };
  const viewer = await viewerOf(operator);
  count.statements.length = 0;
  await createGrant(viewer, wanted);
  expect(await listGrants(viewer)).toHaveLength(1);
  const read = count.statements.filter((text) => /credentials/.test(text));
  expect(read.length).toBeGreaterThan(1);
  for (const text of read)
    expect(
      (await planOf(text)).filter((step) => /SCAN (?!CONSTANT|\()/.test(step)),
      text,
    ).toEqual([]);
});
