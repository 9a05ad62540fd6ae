/** Calendly: https://developer.calendly.com/api-docs (webhook payloads, webhook signatures) */
import { pointerOf } from "../json-pointer";
import { isTimedSignature } from "../signatures";
import { FORM_SUBMITTED, known, listOf, objectOf, textOf } from "../submission";
import type { Sender } from "./sender";

const EVENT_TYPES: Readonly<Record<string, string>> = {
  "invitee.created": "Meeting Booked",
  "invitee.canceled": "Meeting Canceled",
  "invitee_no_show.created": "Meeting Missed",
  "routing_form_submission.created": FORM_SUBMITTED,
};

export const calendly: Sender = {
  isSigned: (secret, delivery) => isTimedSignature(secret, delivery.headers["calendly-webhook-signature"], delivery),
  read(payload) {
    const sent = objectOf(payload);
    const type = textOf(sent.event) ?? "";
    const event_type = EVENT_TYPES[type];
    if (!event_type) return { unusable: `Events of the type ${JSON.stringify(type.slice(0, 80))} are not taken` };
    const body = objectOf(sent.payload);
    const meeting = objectOf(body.scheduled_event);
    const { email, name, first_name, last_name, text_reminder_number } = { ...objectOf(body.invitee), ...body };
    const parts = textOf(first_name) !== null && textOf(last_name) !== null;
    const uri = textOf(body.uri);
    return {
      submissions: [
        {
          delivery_id: uri === null ? null : `${type} ${uri}`,
          event_type,
          at: sent.created_at,
          about: known({
            meeting: meeting.name,
            meeting_uri: meeting.uri,
            start_time: meeting.start_time,
            end_time: meeting.end_time,
            submission_id: uri,
            rescheduled: body.rescheduled,
            cancel_reason: objectOf(body.cancellation).reason,
            timezone: body.timezone,
            ...objectOf(body.tracking),
          }),
          answers: [
            { label: "Email", value: email ?? null, target: "_alias_email", pointer: "/payload/email" },
            { label: "Phone", value: text_reminder_number ?? null, target: "_alias_phone", pointer: "/payload/text_reminder_number" },
            ...(parts
              ? [
                  { label: "First name", value: first_name ?? null, target: "first_name", pointer: "/payload/first_name" },
                  { label: "Last name", value: last_name ?? null, target: "last_name", pointer: "/payload/last_name" },
                ]
              : [{ label: "Name", value: name ?? null, target: "name", pointer: "/payload/name" }]),
            ...listOf(body.questions_and_answers).map((given, at) => {
              const { question, answer } = objectOf(given);
              return {
                label: textOf(question) ?? "",
                value: answer ?? null,
                pointer: pointerOf("payload", "questions_and_answers", at, "answer"),
              };
            }),
          ],
          root: payload,
        },
      ],
    };
  },
};
