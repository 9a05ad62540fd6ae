/** Any other service: JSON or a form of any shape, signed as `X-Signature: sha256=<hex>`. */
import { sameSecret } from "../../../hash";
import { targetOfName } from "../../imports";
import type { Json } from "../../leads";
import { pointerOf } from "../json-pointer";
import { hmacSha256 } from "../signatures";
import { type Answer, FORM_SUBMITTED, listOf, objectOf } from "../submission";
import type { Sender } from "./sender";

const ANSWERS_MAX = 500;
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
              answers: leaves(payload, []).slice(0, ANSWERS_MAX),
              root: payload,
            },
          ],
        },
};

/** Every value; lists of texts are one value. Where it is deep inside, its last name says something only where nobody could mistake it. */
function leaves(value: Json, path: (string | number)[]): Answer[] {
  const isTexts = Array.isArray(value) && value.every((item) => typeof item !== "object" || item === null);
  if (typeof value !== "object" || value === null || isTexts || path.length >= DEPTH_MAX) {
    const names = path.filter((key) => typeof key === "string");
    const [last = ""] = names.slice(-1);
    const answer = { label: names.slice(-2).join(" "), value, pointer: pointerOf(...path) };
    return [UNMISTAKABLE.includes(targetOfName(last) ?? "") ? { ...answer, ref: last } : answer];
  }
  const members: [string | number, Json][] = Array.isArray(value) ? [...listOf(value).entries()] : Object.entries(objectOf(value));
  return members.flatMap(([key, inner]) => leaves(inner, [...path, key]));
}
