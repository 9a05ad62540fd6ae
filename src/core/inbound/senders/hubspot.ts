/**
 * HubSpot: events of an app's subscriptions, many in a delivery, and contacts that a workflow sends.
 * https://developers.hubspot.com/docs/api/webhooks and https://developers.hubspot.com/docs/api/webhooks/validating-requests
 */
import { sameSecret } from "../../../hash";
import type { Json } from "../../leads";
import { hmacSha256, isRecent, sha256 } from "../signatures";
import { type Answer, type Delivery, known, objectOf, type Submission, textOf } from "../submission";
import type { Sender } from "./sender";

/** Properties whose names are not what imports call them. */
const TARGETS: Readonly<Record<string, string | null>> = { mobilephone: "_alias_phone", hs_object_id: null, lastmodifieddate: null };

const EVENT_TYPES: Readonly<Record<string, string>> = {
  creation: "Contact Created",
  propertyChange: "Contact Changed",
};
/** `0-1` are contacts. */
const CONTACT_EVENT = /^(?:contact|object)\.(\w+)$/;
const CONTACT_TYPE_ID = "0-1";

export const hubspot: Sender = {
  isSigned(secret, delivery) {
    const { headers, method, body } = delivery;
    const third = headers["x-hubspot-signature-v3"];
    if (third !== undefined) {
      const time = headers["x-hubspot-request-timestamp"] ?? "";
      if (!/^\d{1,15}$/.test(time) || !isRecent(Number(time), delivery)) return false;
      return uris(delivery).some((uri) => sameSecret(third, hmacSha256(secret, "base64", method, uri, body, time)));
    }
    const signature = headers["x-hubspot-signature"] ?? "";
    return headers["x-hubspot-signature-version"] === "v2"
      ? uris(delivery).some((uri) => sameSecret(signature, sha256(secret, method, uri, body)))
      : sameSecret(signature, sha256(secret, body));
  },
  read(payload) {
    const submissions = Array.isArray(payload) ? payload.flatMap(readEvent) : readContact(payload);
    return submissions.length > 0 ? { submissions } : { unusable: "The payload has no contact" };
  },
};

/** As it was requested, and with the characters that HubSpot signs unescaped. */
function uris({ url }: Delivery): string[] {
  const unescaped = url.replace(/%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi, decodeURIComponent);
  return unescaped === url ? [url] : [url, unescaped];
}

function readEvent(given: Json): Submission[] {
  const event = objectOf(given);
  const [, what = ""] = CONTACT_EVENT.exec(textOf(event.subscriptionType) ?? "") ?? [];
  const event_type = EVENT_TYPES[what];
  const type = textOf(event.objectTypeId) ?? CONTACT_TYPE_ID;
  if (!event_type || type !== CONTACT_TYPE_ID) return [];
  const property = textOf(event.propertyName);
  // an event's own id is not unique
  const parts = [event.portalId, event.subscriptionId, event.eventId, event.objectId, event.occurredAt, property];
  return [
    {
      delivery_id: parts.map((part) => textOf(part) ?? "").join(" "),
      event_type,
      at: event.occurredAt,
      about: known({ portal_id: event.portalId, property, change_source: event.changeSource }),
      answers: [...contactId(event.objectId), ...(property === null ? [] : [propertyAnswer(property, event.propertyValue ?? null)])],
      root: given,
    },
  ];
}

/** Properties are texts, or objects with a value in what older workflows send. */
function readContact(payload: Json): Submission[] {
  const contact = objectOf(payload);
  const properties = objectOf(contact.properties);
  if (Object.keys(properties).length === 0) return [];
  const id = contact.vid ?? contact.objectId ?? contact.id ?? objectOf(properties.hs_object_id).value ?? properties.hs_object_id;
  const modified = objectOf(properties.lastmodifieddate).value ?? properties.lastmodifieddate;
  return [
    {
      delivery_id: null,
      event_type: "Contact Changed",
      at: modified,
      about: known({ portal_id: contact["portal-id"] ?? contact.portalId }),
      answers: [
        ...contactId(id),
        ...Object.entries(properties).map(([name, value]) => ({
          ...propertyAnswer(name, objectOf(value).value ?? value),
          pointer: `/properties/${name}${objectOf(value).value === undefined ? "" : "/value"}`,
        })),
      ],
      root: payload,
    },
  ];
}

/** With its origin: the number alone could be somebody else's. */
const contactId = (id: Json | undefined): Answer[] =>
  textOf(id) === null ? [] : [{ label: "Contact id", value: `hubspot:${textOf(id)}`, target: "_alias_external_id" }];

const propertyAnswer = (name: string, value: Json): Answer => ({
  label: name,
  value,
  ...(Object.hasOwn(TARGETS, name) ? { target: TARGETS[name] ?? null } : {}),
});
