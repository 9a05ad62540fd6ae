/** Files as a hostile user would write them, imported by their suggested mapping alone: nobody is lost, merged or invented. */
import { env } from "cloudflare:workers";
import { expect, it } from "vitest";
import { HOSTILE, type HostileFile } from "../../fixtures/exports/hostile";
import { csvForm, deliverAll, getJob, heldQueue } from "../../support/imports";
import { type Client, mintTenant } from "../../support/tenant";

async function importAsSuggested(client: Client, { name, bytes }: HostileFile) {
  const previewed = await client.call("POST", "/leads/import/preview", { body: csvForm(bytes(), { name: `${name}.csv` }) });
  expect(previewed.status, await previewed.clone().text()).toBe(200);
  const { file_id, suggested_mapping } = await previewed.json<{ file_id: string; suggested_mapping: object | null }>();
  const queue = heldQueue();
  const bindings = { IMPORT_QUEUE: queue.IMPORT_QUEUE };
  const started = await client.post("/leads/import/start", { file_id, ...suggested_mapping }, { bindings });
  expect(started.status, await started.clone().text()).toBe(202);
  const { job_id } = await started.json<{ job_id: string }>();
  const [message] = queue.sent;
  if (!message) throw new Error("starting sent no message");
  await deliverAll(message);
  return { job: await getJob(client, job_id), unit: message.unit };
}

/** Each lead's aliases, `kind:value`, sorted; then what the profile has of the wanted fields. */
async function peopleOf(unit: number): Promise<{ aliases: string[]; profile: Record<string, unknown> }[]> {
  const { results } = await env.DB.prepare("SELECT aliases, profile FROM leads WHERE unit = ?1")
    .bind(unit)
    .all<{ aliases: string; profile: string }>();
  return results.map(({ aliases, profile }) => ({
    aliases: (JSON.parse(aliases) as [string, string][]).map(([kind, value]) => `${kind}:${value}`).sort(),
    profile: JSON.parse(profile),
  }));
}

it.each(HOSTILE.map((file) => [file.name, file] as const))("%s", async (_, file) => {
  const { client } = await mintTenant();
  const { job, unit } = await importAsSuggested(client, file);
  const people = await peopleOf(unit);
  const wanted = file.people.map(({ aliases, profile = {} }) =>
    expect.objectContaining({ aliases, profile: expect.objectContaining(profile) }),
  );
  expect(people).toEqual(expect.arrayContaining(wanted));
  expect(people).toHaveLength(wanted.length);
  expect(job.failed_count).toBe(file.failed ?? 0);
});
