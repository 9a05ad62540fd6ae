export { KeyTaken } from "../../db/commit";
export { type Answer, type AnswerStore, answerOnce, type GivenAnswer, type KeyedRequest } from "./answer-once";
export { KEY_CHARS_MAX, keyedRequest } from "./key";
export { answerWrites, directoryAnswers, insertAnswer, type KeptAnswer, unitAnswers } from "./store";
export { removeOldAnswers } from "./sweep";

import type { Statement } from "../../context";
import type { KeptAnswer } from "./store";

/** Statements for a verb's own batch that store what the verb returns as the answer to a request with an Idempotency-Key. */
export type Remember<Result> = (result: Result) => readonly Statement<never>[];

/** The same for a verb that commits in the directory. Null for a request without a key. */
export type RememberInDirectory<Result> = (result: Result) => KeptAnswer | null;
export const rememberNothing = (): null => null;
