/** Exports of a deleted organization are deleted with it, whatever was running meanwhile; cron finds every export there is. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { cronTick } from "../../support/imports";
import { operator } from "../../support/limits";
import { mintTenant } from "../../support/tenant";
import { readProblem } from "../../support/worker";

type State = { export_id: string; status: string };

const exportOf = (id: string, bindings: Partial<Env> = {}) => operator.post(`/admin/organizations/${id}/export`, undefined, { bindings });
const deleted = async (id: string) => expect((await operator.call("DELETE", `/admin/organizations/${id}`)).status).toBe(200);
const stateKey = (id: string, exportId: string) => `export-states/${id}/${exportId}.json`;
const objectsOf = async (id: string) => {
  const lists = await Promise.all(["exports", "export-states"].map((prefix) => env.FILES.list({ prefix: `${prefix}/${id}/` })));
  return lists.flatMap(({ objects }) => objects.map(({ key }) => key));
};

/** The bucket with some of its methods replaced. */
const bucketWith = (methods: Partial<R2Bucket>): R2Bucket =>
  new Proxy(env.FILES, {
    get: (files, name) => {
      const method = Reflect.get(methods, name) ?? Reflect.get(files, name);
      return typeof method === "function" ? method.bind(files) : method;
    },
  });

/** An export that was under way when its organization was deleted: its objects are written after the receipt. */
async function lateExport(fields: object): Promise<{ organization_id: string; export_id: string }> {
  const { organization_id } = await mintTenant();
  const { export_id } = await (await exportOf(organization_id)).json<State>();
  const key = stateKey(organization_id, export_id);
  const state = await (await env.FILES.get(key))?.json<object>();
  await deleted(organization_id);
  expect(await objectsOf(organization_id)).toEqual([]);
  await env.FILES.put(key, JSON.stringify({ ...state, ...fields }));
  await env.FILES.put(`exports/${organization_id}/${export_id}/organizations/000000.ndjson`, "{}\n");
  return { organization_id, export_id };
}

it("an export whose organization is deleted between two slices ends, and nothing of it is left", async () => {
  const { organization_id } = await mintTenant();
  let parts = 0;
  const FILES = bucketWith({
    put: (async (key: string, ...rest: [string]) => {
      if (key.startsWith("exports/") && parts++ === 0) await deleted(organization_id);
      return env.FILES.put(key, ...rest);
    }) as R2Bucket["put"],
  });
  await readProblem(await exportOf(organization_id, { FILES }), 404);
  expect(parts).toBe(1);
  expect(await objectsOf(organization_id)).toEqual([]);
});

it("cron removes a running export of a deleted organization instead of finishing it", async () => {
  const { organization_id } = await lateExport({ status: "running", at: 3, run_at: 0 });
  await cronTick("* * * * *");
  expect(await objectsOf(organization_id)).toEqual([]);
});

it("what an export writes after the receipt is not downloadable, and is removed for a week", async () => {
  const { organization_id, export_id } = await lateExport({ status: "completed" });
  const path = `/admin/organizations/${organization_id}/exports/${export_id}`;
  await readProblem(await operator.get(path), 404);
  await readProblem(await operator.get(`${path}/tables/organizations`), 404);
  await cronTick("*/10 * * * *");
  expect(await objectsOf(organization_id)).toEqual([]);

  const watch = `erased-organizations/${organization_id}.json`;
  expect(await env.FILES.head(watch)).not.toBeNull();
  await env.FILES.put(watch, JSON.stringify({ organization_id, until: 1 }));
  await cronTick("*/10 * * * *");
  expect(await env.FILES.head(watch)).toBeNull();
});

it("cron goes on with every export, also those beyond the first page that the bucket lists", async () => {
  const keys: string[] = [];
  for (const { organization_id } of [await mintTenant(), await mintTenant()]) {
    const { export_id } = await (await exportOf(organization_id)).json<State>();
    const key = stateKey(organization_id, export_id);
    const state = await (await env.FILES.get(key))?.json<object>();
    await env.FILES.put(key, JSON.stringify({ ...state, status: "running", at: 3, run_at: 0 }));
    keys.push(key);
  }
  await cronTick("* * * * *", { FILES: bucketWith({ list: (options) => env.FILES.list({ ...options, limit: 1 }) }) });
  const states = await Promise.all(keys.map(async (key) => (await (await env.FILES.get(key))?.json<State>())?.status));
  expect(states).toEqual(["completed", "completed"]);
});
