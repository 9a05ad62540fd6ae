/** Typeform: https://www.typeform.com/developers/webhooks/ */
import { sameSecret } from "../../../hash";
import type { Json } from "../../leads";
import { pointerOf } from "../json-pointer";
import { hmacSha256 } from "../signatures";
import { type Answer, answersOf, FORM_SUBMITTED, known, listOf, objectOf, textOf } from "../submission";
import type { Sender } from "./sender";

const TARGETS: Readonly<Record<string, string>> = { email: "_alias_email", phone_number: "_alias_phone" };
/** A ref that nobody has chosen. */
const RANDOM_REF = /^[0-9a-f]{8}-[0-9a-f-]{27}$|^[0-9A-Z]{26}$/i;

export const typeform: Sender = {
  isSigned: (secret, { headers, body }) => sameSecret(headers["typeform-signature"] ?? "", `sha256=${hmacSha256(secret, "base64", body)}`),
  read(payload) {
    const sent = objectOf(payload);
    const response = objectOf(sent.form_response);
    if (textOf(response.form_id) === null) return { unusable: "The payload has no form_response" };
    const definition = objectOf(response.definition);
    const questions = new Map(listOf(definition.fields).map((field) => [textOf(objectOf(field).id), objectOf(field)]));
    const answers = listOf(response.answers).map((answer, at) => readAnswer(objectOf(answer), at, questions));
    return {
      submissions: [
        {
          delivery_id: textOf(sent.event_id) ?? textOf(response.token),
          event_type: FORM_SUBMITTED,
          at: response.submitted_at,
          about: known({
            form_id: response.form_id,
            form_title: definition.title,
            submission_id: response.token,
            score: objectOf(response.calculated).score,
          }),
          answers: [...answers, ...answersOf(objectOf(response.hidden), "form_response", "hidden")],
          root: payload,
        },
      ],
    };
  },
};

function readAnswer(answer: Record<string, Json>, at: number, questions: ReadonlyMap<string | null, Record<string, Json>>): Answer {
  const field = objectOf(answer.field);
  const type = textOf(answer.type) ?? "text";
  const ref = textOf(field.ref) ?? "";
  const title = textOf(questions.get(textOf(field.id))?.title) ?? textOf(field.title);
  return {
    label: title ?? ref,
    value: chosen(answer[type] ?? null),
    pointer: pointerOf("form_response", "answers", at, type),
    ...(TARGETS[type] ? { target: TARGETS[type] } : {}),
    ...(ref !== "" && !RANDOM_REF.test(ref) ? { ref } : {}),
  };
}

/** Choices are objects with labels. */
function chosen(value: Json): Json {
  const { label, labels, other } = objectOf(value);
  if (Array.isArray(labels)) return other === undefined || other === null ? labels : [...labels, other];
  return label ?? other ?? value;
}
