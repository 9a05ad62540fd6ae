/** SQL of stored answers. */
import { and, eq, gt, lte, type SQL, sql } from "drizzle-orm";
import type { CallerCtx, Ctx, Directory, Statement, UnitDb } from "../../context";
import { idempotencyKeys } from "../../db/schema/idempotency";
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

/** The directory's responses are stored under this unit id, which no org unit has. */
const DIRECTORY_UNIT = 0;

/** A response, for the batch that commits the change it reports. */
export type KeptAnswer = { request: KeyedRequest; answer: Answer; at: number };

const tooOld = (now: number): SQL => lte(idempotencyKeys.created_at, now - ANSWER_KEPT_MS);

const upsertAnswer = (directory: Directory, { request, answer, at }: KeptAnswer, condition: SQL, createdAt: SQL, onlyIf?: SQL) =>
  directory
    .insert(idempotencyKeys)
    // every column of the table, in its order
    .select(
      sql`SELECT ${DIRECTORY_UNIT}, ${request.scope}, ${request.key}, ${at}, ${request.request_hash}, ${answer.status}, ${answer.body} WHERE ${condition}`,
    )
    .onConflictDoUpdate({
      target: [idempotencyKeys.unit, idempotencyKeys.scope, idempotencyKeys.key],
      set: {
        request_hash: sql`excluded.request_hash`,
        status: sql`excluded.status`,
        body: sql`excluded.body`,
        created_at: createdAt,
      },
      ...(onlyIf ? { setWhere: onlyIf } : {}),
    });

/**
 * For a batch of the directory; `condition` decides in SQL whether the change took place. One written row for an answer, none without one.
 * The batch rolls back (KeyTaken) when the key has an answer.
 */
export const answerWrites = (directory: Directory, kept: KeptAnswer | null, condition: SQL = sql`true`) =>
  kept === null ? [] : [upsertAnswer(directory, kept, condition, sql`CASE WHEN ${tooOld(kept.at)} THEN excluded.created_at END`)];

export const directoryAnswers = ({ directory, now }: Pick<CallerCtx, "directory" | "now">): AnswerStore => ({
  unit: DIRECTORY_UNIT,
  find: async ({ scope, key }) => {
    const { request_hash, status, body, unit } = idempotencyKeys;
    const [row] = await directory
      .select({ request_hash, status, body })
      .from(idempotencyKeys)
      .where(
        and(
          eq(unit, DIRECTORY_UNIT),
          eq(idempotencyKeys.scope, scope),
          eq(idempotencyKeys.key, key),
          gt(idempotencyKeys.created_at, now() - ANSWER_KEPT_MS),
        ),
      );
    return row ?? null;
  },
  keep: async (request, answer) => {
    const at = now();
    const kept = await upsertAnswer(directory, { request, answer, at }, sql`true`, sql`excluded.created_at`, tooOld(at)).returning({
      key: idempotencyKeys.key,
    });
    return kept.length > 0;
  },
});
