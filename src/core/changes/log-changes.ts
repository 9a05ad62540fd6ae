/**
 * The statements that log a commit's changes of leads. They go into the batch of the commit, before the statements that write the leads:
 * they read what the leads' newest change was until then.
 */
import type { Ctx, SqlValue, Statement } from "../../context";
import { FOLLOWED_SQL } from "../../db/watched";
import type { ChangeType } from "../../vocabulary";
import { actorId } from "../auth";

export type LogCtx = Pick<Ctx, "db" | "actor" | "source" | "requestId">;

export type LoggedChange = {
  lead_id: string;
  type: ChangeType;
  /** names of the fields and kinds of the aliases that it wrote, never values */
  keys: readonly string[];
  /** leads merged into this one, whose changes become part of its history; they are in the same commit */
  from?: readonly string[];
};

/** For the statements that write leads, after those that log them: the value of `leads.last_change`. */
export const LAST_CHANGE_SQL = "(SELECT max(seq) FROM change_log WHERE unit = ?1)";

const COLUMNS = "unit, seq, at, source, actor, request_id, kinds, changes";
const HEAD = `?1, coalesce((SELECT max(seq) FROM change_log WHERE unit = ?1), 0) + 1,
  max(?2, coalesce((SELECT at FROM change_log WHERE unit = ?1 ORDER BY seq DESC LIMIT 1), 0)), ?3, ?4, ?5, ?6`;

export const LOG_SQL = {
  created: `INSERT INTO change_log (${COLUMNS}) SELECT ${HEAD}, ?7 RETURNING ${FOLLOWED_SQL}`,
  changed: `INSERT INTO change_log (${COLUMNS}) SELECT ${HEAD},
    (SELECT json_group_object(r.key, json_array(r.value, l.last_change))
     FROM json_each(?7) r LEFT JOIN leads l ON l.unit = ?1 AND l.lead_id = r.key) RETURNING ${FOLLOWED_SQL}`,
  matching: (condition: string) => `INSERT INTO change_log (${COLUMNS}) SELECT ${HEAD}, s.changes
    FROM (SELECT json_group_object(l.lead_id, json_array(0, l.last_change)) AS changes, count(*) AS found FROM leads l
          WHERE l.unit = ?1 AND ${condition}) s WHERE s.found > 0 RETURNING ${FOLLOWED_SQL}`,
} as const;

/** D1 stores at most 2 MB in a row. */
const KINDS_CHARS_MAX = 500_000;
const SHARED_KEYS_MAX = 1_000;

/** Logs the changes of one commit: each lead once. One row for all of them; no changes: no statement. */
export function logChanges(ctx: LogCtx, given: readonly LoggedChange[], at: number): Statement<never>[] {
  if (given.length === 0) return [];
  const changes = fitting(given);
  const kinds = new Map<string, number>();
  const isCreation = changes.every(({ type }) => type === "created");
  const members = changes.map(({ lead_id, type, keys, from }) => {
    const kind = JSON.stringify(from ? [type, keys, from] : [type, keys]);
    const index = kinds.get(kind) ?? kinds.size;
    kinds.set(kind, index);
    return isCreation ? `"${lead_id}":[${index},null]` : `"${lead_id}":${index}`;
  });
  const sql = isCreation ? LOG_SQL.created : LOG_SQL.changed;
  return [ctx.db.sql(sql, ...headOf(ctx, at), `[${[...kinds.keys()].join(",")}]`, `{${members.join(",")}}`)];
}

/** Where hundreds of leads each wrote many keys of their own, each is logged with the keys of all that changed as it did. */
function fitting(changes: readonly LoggedChange[]): readonly LoggedChange[] {
  let most = 0;
  for (const { keys } of changes) for (const key of keys) most += key.length + 1;
  if (most <= KINDS_CHARS_MAX) return changes;
  const distinct = new Set(changes.map(({ keys }) => keys.join("\n")));
  const chars = [...distinct].reduce((sum, keys) => sum + keys.length, 0);
  if (chars <= KINDS_CHARS_MAX) return changes;
  const keysOf = (type: ChangeType) => [...new Set(changes.flatMap((change) => (change.type === type ? change.keys : [])))];
  const shared = new Map([...new Set(changes.map(({ type }) => type))].map((type) => [type, keysOf(type).slice(0, SHARED_KEYS_MAX)]));
  return changes.map((change) => ({ ...change, keys: shared.get(change.type) ?? [] }));
}

/**
 * Logs one change of all leads `l` that match a condition at that point of the batch, before a write with the same condition. Its parameters
 * follow from `?7`. No such lead: no row.
 */
export const logMatching = (
  ctx: LogCtx,
  { type, keys }: Pick<LoggedChange, "type" | "keys">,
  at: number,
  condition: string,
  ...params: SqlValue[]
): Statement<never> => ctx.db.sql(LOG_SQL.matching(condition), ...headOf(ctx, at), JSON.stringify([[type, keys]]), ...params);

/** The same context, for changes of leads that no webhook is notified of. */
export const silently = <Writer extends LogCtx>(ctx: Writer): Writer => ({ ...ctx, source: { ...ctx.source, silent: true } });

/** Who writes: a credential, a subject, `operator` or `system`; for work on behalf of somebody, that actor. */
export const writerOf = ({ actor, source }: Pick<Ctx, "actor" | "source">): string => source.by ?? actorId(actor);

function headOf(ctx: LogCtx, at: number): [at: number, source: string, actor: string, requestId: string] {
  const { by: _, ...source } = ctx.source;
  return [at, JSON.stringify(source), writerOf(ctx), ctx.requestId];
}
