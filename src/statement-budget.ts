/**
 * Counts the D1 statements of one invocation: Cloudflare allows 1,000, a batch counts as its statements, and what exceeds the limit fails.
 */
import type { Ctx } from "./context";
import { AppError } from "./errors";

const STATEMENTS_MAX = 980;
/** Work is begun only while this much is left: a commit of 500 large events takes about 60 statements, one that conflicts is repeated. */
const STATEMENTS_RESERVED = 150;

export type StatementBudget = {
  hasRoom(): boolean;
  /** The same context, with its statements counted. They throw unavailable once the budget is used up. */
  counted(ctx: Ctx): Ctx;
};

export function openStatementBudget(): StatementBudget {
  let used = 0;
  const use = (statements: number) => {
    if (used + statements > STATEMENTS_MAX) throw new AppError("unavailable", "Too many statements in one invocation");
    used += statements;
  };
  return {
    hasRoom: () => used <= STATEMENTS_MAX - STATEMENTS_RESERVED,
    counted(ctx) {
      // opening the context may have looked up its org unit
      used += 1;
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
  };
}
