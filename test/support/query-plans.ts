import { env } from "cloudflare:workers";

/** How SQLite would run a statement, step by step; what its parameters hold does not matter to that. */
export async function planOf(text: string): Promise<string[]> {
  const params = Math.max(0, ...[...text.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number)), [...text.matchAll(/\?(?!\d)/g)].length);
  const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${text}`)
    .bind(...Array.from({ length: params }, () => null))
    .all<{ detail: string }>();
  return results.map(({ detail }) => detail);
}
