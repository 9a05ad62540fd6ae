/** What the verbs of this part take. */
import { z } from "zod";
import { wholeNumber } from "../../schemas";

export const CHANGES_LIMIT_MAX = 1_000;
export const HISTORY_LIMIT_MAX = 100;

const CURSOR = /^ch1_(\d{1,15})_(\d{1,15})$/;
const NO_CURSOR = "must be a cursor that a page returned";

export const ChangesInput = z.object({
  limit: wholeNumber(1, CHANGES_LIMIT_MAX),
  /** as a page returned it: the feed continues there */
  cursor: z
    .string()
    .regex(CURSOR, NO_CURSOR)
    .transform((text) => {
      const [, seq, done] = CURSOR.exec(text) ?? [];
      return { seq: Number(seq), done: Number(done) };
    })
    .optional(),
});

/** Pairs of a lead and a commit, where a lead's history continues. */
const Frontier = z.array(z.tuple([z.string().regex(/^[0-9a-f]{32}$/), z.int().min(0)])).max(1_000);

export const HistoryInput = z.object({
  limit: wholeNumber(1, HISTORY_LIMIT_MAX),
  cursor: z
    .string()
    .regex(/^au1_[\w-]{1,100000}$/, NO_CURSOR)
    .transform((text, check) => {
      const read = Frontier.safeParse(readCursor(text));
      if (read.success) return read.data;
      check.addIssue({ code: "custom", message: NO_CURSOR });
      return z.NEVER;
    })
    .optional(),
});

export const historyCursor = (frontier: readonly (readonly [string, number])[]): string =>
  `au1_${btoa(JSON.stringify(frontier)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`;

function readCursor(text: string): unknown {
  try {
    return JSON.parse(atob(text.slice(4).replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    return null;
  }
}
