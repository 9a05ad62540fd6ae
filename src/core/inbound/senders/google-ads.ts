/** Lead forms of Google Ads: https://developers.google.com/google-ads/webhook/docs/implementation */
import { sameSecret } from "../../../hash";
import { pointerOf } from "../json-pointer";
import { FORM_SUBMITTED, known, listOf, objectOf, textOf } from "../submission";
import type { Sender } from "./sender";

/** Columns whose ids are not what imports call them. Questions of the advertiser's own have ids that say nothing. */
const TARGETS: Readonly<Record<string, string | null>> = {
  EMAIL: "_alias_email",
  WORK_EMAIL: "_alias_email",
  PHONE_NUMBER: "_alias_phone",
  WORK_PHONE: "_alias_phone",
  FULL_NAME: "name",
  FIRST_NAME: "first_name",
  LAST_NAME: "last_name",
  COMPANY_NAME: "company",
  JOB_TITLE: "title",
  COUNTRY: "country",
  GCLID: null,
};

export const googleAds: Sender = {
  isSigned: (secret, _, payload) => sameSecret(textOf(objectOf(payload).google_key) ?? "", secret),
  answer: {},
  withoutSecret: (payload) => (Object.hasOwn(objectOf(payload), "google_key") ? { ...objectOf(payload), google_key: "********" } : payload),
  read(payload) {
    const { google_key: _, user_column_data, ...sent } = objectOf(payload);
    if (sent.is_test === true) return { unusable: "Google's test lead: it creates none", test: true };
    if (!Array.isArray(user_column_data)) return { unusable: "The payload has no user_column_data" };
    return {
      submissions: [
        {
          delivery_id: textOf(sent.lead_id),
          event_type: FORM_SUBMITTED,
          at: sent.lead_submit_time,
          about: known({
            form_id: sent.form_id,
            submission_id: sent.lead_id,
            campaign_id: sent.campaign_id,
            adgroup_id: sent.adgroup_id,
            creative_id: sent.creative_id,
            gclid: sent.gcl_id,
          }),
          answers: listOf(user_column_data).map((given, at) => {
            const column = objectOf(given);
            const id = textOf(column.column_id) ?? "";
            return {
              label: textOf(column.column_name) ?? id,
              ref: id,
              value: column.string_value ?? null,
              pointer: pointerOf("user_column_data", at, "string_value"),
              ...(Object.hasOwn(TARGETS, id) ? { target: TARGETS[id] ?? null } : {}),
            };
          }),
          root: payload,
        },
      ],
    };
  },
};
