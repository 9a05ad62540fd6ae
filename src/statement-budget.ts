/**
 * Counts the D1 statements of one invocation: Cloudflare allows 1,000, a batch counts as its statements, and what exceeds the limit fails.
 */
import type { Ctx, ShardDb } from "./context";
import { AppError } from "./errors";

export const STATEMENTS_MAX = 980;
/** Work is begun only while this much is left: a commit of 500 large events takes about 60 statements, one that conflicts is repeated. */
const STATEMENTS_RESERVED = 150;

export type StatementBudget = {
  /** Whether this many statements are left: as many as a commit may take, unless told otherwise. */
  hasRoom(statements?: number): boolean;
  /** Counts statements that do not go through `counted`. */
  count(statements: number): void;
  /** The same budget for work that leaves this many statements to the work that follows. */
  keeping(statements: number): StatementBudget;
  /** The same context, with its statements counted. They throw unavailable once the budget is used up. */
  counted(ctx: Ctx): Ctx;
  /** The same database, as `counted`. */
  countedShard(db: ShardDb): ShardDb;
};

/** `used`: the statements that the invocation needs for everything else. */
export const openStatementBudget = (used = 0): StatementBudget => budgetOf({ used }, STATEMENTS_MAX);

function budgetOf(spent: { used: number }, max: number): StatementBudget {
  const use = (statements: number) => {
    if (spent.used + statements > max) throw new AppError("unavailable", "Too many statements in one invocation");
    spent.used += statements;
  };
  return {
    hasRoom: (statements = STATEMENTS_RESERVED) => spent.used + statements <= max,
    count(statements) {
      spent.used += statements;
    },
    keeping: (statements) => budgetOf(spent, max - statements),
    counted(ctx) {
      // opening the context may have looked up its org unit
      spent.used += 1;
      const { db } = ctx;
      return {
        ...ctx,
        db: {
          ...db,
          async all(statement) {
            use(1);
            return db.all(statement);
          },
          async batch(statements) {
            use(statements.length);
            return db.batch(statements);
          },
        },
      };
    },
    countedShard: (db) => ({
      async all(text, ...params) {
        use(1);
        return db.all(text, ...params);
      },
      async run(text, ...params) {
        use(1);
        return db.run(text, ...params);
      },
      async batch(statements) {
        use(statements.length);
        return db.batch(statements);
      },
    }),
  };
}
