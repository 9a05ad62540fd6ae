/** SQL of stored answers. */
import type { Ctx, Statement, UnitDb } from "../../context";
import { HOUR_MS } from "../../time";
import type { Answer, AnswerStore, KeyedRequest } from "./answer-once";

/** An older answer counts as absent. */
export const ANSWER_KEPT_MS = 48 * HOUR_MS;

type AnswerRow = Answer & { request_hash: string };

const INSERT = `INSERT INTO idempotency_keys (unit, scope, key, request_hash, status, body, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
  ON CONFLICT (unit, scope, key) DO UPDATE SET request_hash = excluded.request_hash, status = excluded.status, body = excluded.body,`;

const params = ({ scope, key, request_hash }: KeyedRequest, { status, body }: Answer, now: number) =>
  [scope, key, request_hash, status, body, now, now - ANSWER_KEPT_MS] as const;

/** For the batch of a verb. One written row. The batch rolls back (KeyTaken) when the key has an answer: its time must not be null. */
export const insertAnswer = (db: UnitDb, request: KeyedRequest, answer: Answer, now: number): Statement<never> =>
  db.sql(
    `${INSERT} created_at = CASE WHEN idempotency_keys.created_at <= ?8 THEN excluded.created_at END`,
    ...params(request, answer, now),
  );

export const unitAnswers = ({ db, now }: Pick<Ctx, "db" | "now">): AnswerStore => ({
  unit: db.unit,
  find: async ({ scope, key }) => {
    const select =
      "SELECT request_hash, status, body FROM idempotency_keys WHERE unit = ?1 AND scope = ?2 AND key = ?3 AND created_at > ?4";
    const [row] = await db.all(db.sql<AnswerRow>(select, scope, key, now() - ANSWER_KEPT_MS));
    return row ?? null;
  },
  keep: async (request, answer) => {
    const text = `${INSERT} created_at = excluded.created_at WHERE idempotency_keys.created_at <= ?8 RETURNING 1`;
    const [kept] = await db.batch([db.sql<unknown>(text, ...params(request, answer, now()))]);
    return kept.length > 0;
  },
});
