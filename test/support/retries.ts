/** Requests with an Idempotency-Key, and what is kept of them. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";

let keys = 0;
export const newKey = (): string => `key-${++keys}-${crypto.randomUUID()}`;

export const keyed = (key: string): { headers: Record<string, string> } => ({ headers: { "Idempotency-Key": key } });

export type Reply = { status: number; text: string; replayed: boolean };

export const replyOf = async (answer: Response | Promise<Response>): Promise<Reply> => {
  const { status, headers, ...rest } = await readReply(await answer);
  return { status, text: rest.text, replayed: headers.get("Idempotency-Replayed") === "true" };
};

const readReply = async (answer: Response) => ({ status: answer.status, headers: answer.headers, text: await answer.text() });

/** Two requests, the second of which must be the replay of the first. Returns the first one's body. */
export async function expectReplay<Body>(status: number, send: () => Promise<Response>): Promise<Body> {
  const first = await replyOf(send());
  expect([first.status, first.replayed], first.text).toEqual([status, false]);
  expect(await replyOf(send())).toEqual({ ...first, replayed: true });
  return JSON.parse(first.text) as Body;
}

/** The answers that are stored for a key, in whichever database table scope. */
export const storedFor = async (key: string): Promise<{ unit: number; scope: string; status: number; body: string }[]> =>
  (
    await env.DB.prepare("SELECT unit, scope, status, body FROM idempotency_keys WHERE key = ?1")
      .bind(key)
      .all<{ unit: number; scope: string; status: number; body: string }>()
  ).results;

/** As if the answer had been given that long ago. */
export const age = (key: string, ms: number) =>
  env.DB.prepare("UPDATE idempotency_keys SET created_at = created_at - ?2 WHERE key = ?1").bind(key, ms).run();

/**
 * A database whose session runs `act` once, before the first batch that stores an answer: between a request's look-up of its key and its
 * commit.
 */
export function beforeCommit(act: () => Promise<unknown>): { DB: D1Database } {
  let pending: (() => Promise<unknown>) | null = act;
  const isCommit = new WeakSet<object>();
  const wrap = (target: Pick<D1Database, "prepare" | "batch">) => ({
    prepare: (text: string) => {
      const statement = target.prepare(text);
      const bind = statement.bind.bind(statement);
      statement.bind = (...values: unknown[]) => {
        const bound = bind(...values);
        if (/^insert into "?idempotency_keys/i.test(text)) isCommit.add(bound);
        return bound;
      };
      return statement;
    },
    batch: async (statements: D1PreparedStatement[]) => {
      const first = pending;
      if (first && statements.some((statement) => isCommit.has(statement))) {
        pending = null;
        await first();
      }
      return target.batch(statements);
    },
  });
  const DB = {
    ...wrap(env.DB),
    withSession: (constraint?: string) => {
      const session = env.DB.withSession(constraint);
      return { ...wrap(session), getBookmark: () => session.getBookmark() };
    },
  } as unknown as D1Database;
  return { DB };
}

/** The answer to one key becomes that of another. */
export const moveAnswer = (from: string, to: string) =>
  env.DB.prepare("UPDATE idempotency_keys SET key = ?2 WHERE key = ?1").bind(from, to).run();
