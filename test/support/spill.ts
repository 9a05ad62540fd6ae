/** What lies in R2 of events that the database did not take. */
import { env } from "cloudflare:workers";

export async function spilledKeys(unit: number): Promise<string[]> {
  const { objects } = await env.FILES.list({ prefix: `spill/${unit}/` });
  return objects.map(({ key }) => key);
}

export async function spilledIds(unit: number): Promise<string[]> {
  const bodies = await Promise.all((await spilledKeys(unit)).map(async (key) => (await (await env.FILES.get(key))?.text()) ?? ""));
  return bodies.flatMap((body) =>
    body
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => (JSON.parse(line) as { event_id: string }).event_id),
  );
}
