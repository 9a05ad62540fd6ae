/** Writers that meet on a lead, and a database that fails at the worst moment: each write happens once and whole, or not at all. */
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { interceptedD1 } from "../support/imports";
import { logged } from "../support/worker";
import { mintWorkspace, readError, type WireLead, type Workspace } from "../support/workspace";

/** A D1 before whose first write `act` happens. */
function beforeFirstWrite(act: () => Promise<unknown>): { DB: D1Database } {
  let done = false;
  return {
    DB: interceptedD1(async ({ statements }, run) => {
      if (!done && statements.some(({ text }) => /^(INSERT (OR FAIL )?INTO|UPDATE) leads/.test(text))) {
        done = true;
        await act();
      }
      return run();
    }),
  };
}
const put = (ws: Workspace, id: string, json: unknown, bindings: Partial<Env>) =>
  ws.client.call("PUT", `/api/v1/leads/${id}`, { json, bindings });
const data = async (answer: Response): Promise<WireLead> => (await answer.json<{ data: WireLead }>()).data;

describe("somebody comes in between reading and writing", () => {
  it("and changes the lead: both changes stay", async () => {
    const ws = await mintWorkspace();
    const { id } = await ws.create({ metadata: { a: 1 } });
    const answer = await put(
      ws,
      id,
      { metadata: { b: 2 } },
      beforeFirstWrite(() => ws.put(id, { metadata: { c: 3 }, status: "lost" })),
    );
    expect(await data(answer)).toMatchObject({ metadata: { a: 1, b: 2, c: 3 }, status: "lost" });
    expect((await ws.list("?status=lost")).pagination.total).toBe(1);
    expect((await ws.list("?status=new")).pagination.total).toBe(0);
  });

  it("and deletes the lead: it is not found, and not brought back", async () => {
    const ws = await mintWorkspace();
    const { id } = await ws.create();
    const gone = beforeFirstWrite(() => ws.client.call("DELETE", `/api/v1/leads/${id}`));
    await readError(await put(ws, id, { email: "new@example.com", status: "lost" }, gone), 404, "LEAD_NOT_FOUND");
    expect((await ws.list()).pagination.total).toBe(0);
    await ws.create({ email: "new@example.com" });
  });

  it("and takes the email: the second is refused, its other changes with it", async () => {
    const ws = await mintWorkspace();
    const { id } = await ws.create();
    let winner = "";
    const taken = beforeFirstWrite(async () => {
      winner = (await ws.create({ email: "race@example.com" })).id;
    });
    const { details } = await readError(await put(ws, id, { email: "race@example.com", status: "lost" }, taken), 409, "DUPLICATE_EMAIL");
    expect(details?.existingLeadId).toBe(winner);
    expect((await ws.get(id)).status).toBe("new");
  });

  it("and gives the email up: the second gets it", async () => {
    const ws = await mintWorkspace();
    const owner = await ws.create({ email: "held@example.com", phone: "+1-555-600-0001" });
    const { id } = await ws.create();
    // the phone is recorded as the owner's, who lets go of it in the same moment
    const freed = beforeFirstWrite(() => ws.put(owner.id, { email: "else@example.com", phone: null }));
    const answer = await put(ws, id, { email: "held@example.com", phone: "+1-555-600-0001" }, freed);
    expect(await data(answer)).toMatchObject({ email: "held@example.com", phone: "+1-555-600-0001" });
    const found = await ws.tenant.client.get("/lead/by-alias?kind=phone&value=%2B15556000001");
    expect(await found.json()).toMatchObject({ lead_id: id.replace("lead_", "ld_") });
  });

  it("and creates the lead first: one is created, the other names it", async () => {
    const ws = await mintWorkspace();
    let first = "";
    const bindings = beforeFirstWrite(async () => {
      first = (await ws.create({ email: "twice@example.com" })).id;
    });
    const second = await ws.client.post("/api/v1/leads", { name: "J", email: "Twice@example.com" }, { bindings });
    expect((await readError(second, 409, "DUPLICATE_EMAIL")).details?.existingLeadId).toBe(first);
    expect((await ws.list()).pagination.total).toBe(1);
  });
});

describe("a database that fails", () => {
  const failing = (when: "before" | "after") =>
    interceptedD1(async ({ statements }, run) => {
      if (!statements.some(({ text }) => /^(INSERT (OR FAIL )?INTO|UPDATE|DELETE FROM) leads/.test(text))) return run();
      if (when === "after") await run();
      throw new Error("D1_ERROR: Network connection lost.");
    });

  it.each(["before", "after"] as const)("%s the commit is a 503, and the same PUT sent again ends the same", async (when) => {
    const ws = await mintWorkspace();
    const lead = await ws.create({ metadata: { a: 1 } });
    const change = { email: "again@example.com", status: "lost", metadata: { b: 2 } };
    await logged(async () => {
      await readError(await put(ws, lead.id, change, { DB: failing(when) }), 503, "SERVICE_UNAVAILABLE");
    });
    expect(await ws.put(lead.id, change)).toMatchObject({ ...change, metadata: { a: 1, b: 2 } });
    expect((await ws.list("?status=lost")).pagination.total).toBe(1);
  });

  it.each(["before", "after"] as const)("%s a deletion leaves all of the lead or nothing", async (when) => {
    const ws = await mintWorkspace();
    const lead = await ws.create();
    await logged(async () => {
      const answer = await ws.client.call("DELETE", `/api/v1/leads/${lead.id}`, { bindings: { DB: failing(when) } });
      await readError(answer, 503, "SERVICE_UNAVAILABLE");
    });
    const again = await ws.client.call("DELETE", `/api/v1/leads/${lead.id}`);
    expect(again.status).toBe(when === "before" ? 200 : 404);
    expect((await ws.list()).pagination.total).toBe(0);
    expect(await env.DB.prepare("SELECT count(*) AS n FROM aliases WHERE lead_id = ?1").bind(lead.id.slice(5)).first("n")).toBe(0);
  });
});
