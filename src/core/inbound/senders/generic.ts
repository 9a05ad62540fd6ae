/** Any other service: JSON or a form of any shape, signed as `X-Signature: sha256=<hex>`. */
import { sameSecret } from "../../../hash";
import { targetOfName } from "../../imports";
import type { Json } from "../../leads";
import { pointerOf } from "../json-pointer";
import { hmacSha256 } from "../signatures";
import { ANSWERS_MAX, type Answer, FORM_SUBMITTED, LABEL_CHARS_MAX, listOf, objectOf } from "../submission";
import type { Sender } from "./sender";

const DEPTH_MAX = 8;
const UNMISTAKABLE = ["_alias_email", "_alias_phone", "first_name", "last_name", "company"];

export const generic: Sender = {
  isSigned: (secret, { headers, body }) =>
    sameSecret((headers["x-signature"] ?? "").toLowerCase(), `sha256=${hmacSha256(secret, "hex", body)}`),
  read: (payload) =>
    typeof payload !== "object" || payload === null
      ? { unusable: "The payload is no object" }
      : {
          submissions: [
            {
              delivery_id: null,
              event_type: FORM_SUBMITTED,
              at: undefined,
              about: {},
              answers: firstLeaves(payload),
              root: payload,
            },
          ],
        },
};

/** Stops at the limit: a payload may have a hundred thousand leaves. */
function firstLeaves(payload: Json): Answer[] {
  const answers: Answer[] = [];
  for (const answer of leaves(payload, [])) {
    answers.push(answer);
    if (answers.length === ANSWERS_MAX) break;
  }
  return answers;
}

/** Every value; lists of texts are one value. Where it is deep inside, its last name says something only where nobody could mistake it. */
function* leaves(value: Json, path: (string | number)[]): Generator<Answer> {
  const isTexts = Array.isArray(value) && value.every((item) => typeof item !== "object" || item === null);
  if (typeof value !== "object" || value === null || isTexts || path.length >= DEPTH_MAX) {
    yield leaf(value, path);
    return;
  }
  const members: [string | number, Json][] = Array.isArray(value) ? [...listOf(value).entries()] : Object.entries(objectOf(value));
  for (const [key, inner] of members) yield* leaves(inner, [...path, key]);
}

/** A leaf under a longer key has no pointer, as no mapping can name it. */
function leaf(value: Json, path: readonly (string | number)[]): Answer {
  const names = path.filter((key) => typeof key === "string").map((name) => name.slice(0, LABEL_CHARS_MAX));
  const [last = ""] = names.slice(-1);
  const isShort = path.every((key) => String(key).length <= LABEL_CHARS_MAX);
  const answer = { label: names.slice(-2).join(" "), value, ...(isShort ? { pointer: pointerOf(...path) } : {}) };
  return UNMISTAKABLE.includes(targetOfName(last) ?? "") ? { ...answer, ref: last } : answer;
}
