/** Tally: https://tally.so/help/webhooks */
import { sameSecret } from "../../../hash";
import type { Json } from "../../leads";
import { pointerOf } from "../json-pointer";
import { hmacSha256 } from "../signatures";
import { type Answer, FORM_SUBMITTED, known, listOf, objectOf, textOf } from "../submission";
import type { Sender } from "./sender";

const TARGETS: Readonly<Record<string, string>> = { INPUT_EMAIL: "_alias_email", INPUT_PHONE_NUMBER: "_alias_phone" };

export const tally: Sender = {
  isSigned: (secret, { headers, body }) => sameSecret(headers["tally-signature"] ?? "", hmacSha256(secret, "base64", body)),
  read(payload) {
    const sent = objectOf(payload);
    const data = objectOf(sent.data);
    if (sent.eventType !== "FORM_RESPONSE") return { unusable: "The payload is no FORM_RESPONSE" };
    return {
      submissions: [
        {
          delivery_id: textOf(sent.eventId) ?? textOf(data.responseId),
          event_type: FORM_SUBMITTED,
          at: data.createdAt ?? sent.createdAt,
          about: known({ form_id: data.formId, form_title: data.formName, submission_id: data.submissionId ?? data.responseId }),
          answers: listOf(data.fields).flatMap(readField),
          root: payload,
        },
      ],
    };
  },
};

function readField(given: Json, at: number): Answer[] {
  const field = objectOf(given);
  const type = textOf(field.type) ?? "";
  // beside the checkboxes as a whole, each is sent as a field of its own
  if (field.value === null || field.value === undefined || (type === "CHECKBOXES" && typeof field.value === "boolean")) return [];
  const answer = {
    label: textOf(field.label) ?? "",
    value: withTexts(field.value, field.options),
    pointer: pointerOf("data", "fields", at, "value"),
  };
  return [TARGETS[type] ? { ...answer, target: TARGETS[type] } : answer];
}

/** Chosen options are sent as ids. */
function withTexts(value: Json, options: Json | undefined): Json {
  const texts = new Map(listOf(options).map((option) => [objectOf(option).id, objectOf(option).text ?? null]));
  const textFor = (id: Json): Json => texts.get(id) ?? id;
  return Array.isArray(value) ? value.map(textFor) : textFor(value);
}
