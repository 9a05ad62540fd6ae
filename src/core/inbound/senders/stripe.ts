/** Stripe: https://docs.stripe.com/webhooks and https://docs.stripe.com/api/events/types */
import type { Json } from "../../leads";
import { isTimedSignature } from "../signatures";
import { type Answer, known, objectOf, textOf } from "../submission";
import type { Sender } from "./sender";

const EVENT_TYPES: Readonly<Record<string, string>> = {
  "checkout.session.completed": "Checkout Completed",
  "checkout.session.async_payment_succeeded": "Payment Succeeded",
  "checkout.session.expired": "Checkout Expired",
  "customer.created": "Customer Created",
  "customer.updated": "Customer Changed",
  "payment_intent.succeeded": "Payment Succeeded",
  "charge.succeeded": "Payment Succeeded",
  "charge.refunded": "Payment Refunded",
  "invoice.paid": "Invoice Paid",
  "invoice.payment_failed": "Invoice Payment Failed",
  "customer.subscription.created": "Subscription Started",
  "customer.subscription.deleted": "Subscription Ended",
};

/** https://docs.stripe.com/currencies: all others are sent in hundredths. */
const DECIMALS = new Map([
  ...["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"].map(
    (code) => [code, 0] as const,
  ),
  ...["bhd", "jod", "kwd", "omr", "tnd"].map((code) => [code, 3] as const),
]);
const DECIMALS_USUAL = 2;

export const stripe: Sender = {
  isSigned: (secret, delivery) => isTimedSignature(secret, delivery.headers["stripe-signature"], delivery),
  read(payload) {
    const event = objectOf(payload);
    const type = textOf(event.type) ?? "";
    const event_type = EVENT_TYPES[type];
    if (!event_type) return { unusable: `Events of the type ${JSON.stringify(type.slice(0, 80))} are not taken` };
    const object = objectOf(objectOf(event.data).object);
    const amount = object.amount_total ?? object.amount_paid ?? object.amount_received ?? object.amount;
    const currency = textOf(object.currency);
    return {
      submissions: [
        {
          delivery_id: textOf(event.id),
          event_type,
          at: event.created,
          about: known({
            stripe_type: type,
            submission_id: object.id,
            livemode: event.livemode,
            ...(typeof amount === "number" && currency !== null
              ? { amount: amount / 10 ** (DECIMALS.get(currency) ?? DECIMALS_USUAL), currency: currency.toUpperCase() }
              : {}),
            ...(Object.keys(objectOf(object.metadata)).length > 0 ? { metadata: objectOf(object.metadata) } : {}),
          }),
          answers: answersAbout(object),
          root: payload,
        },
      ],
    };
  },
};

/** Of a customer itself, or of what has one. */
function answersAbout(object: Record<string, Json>): Answer[] {
  const isCustomer = object.object === "customer";
  const details = { ...objectOf(object.billing_details), ...objectOf(object.customer_details), ...(isCustomer ? object : {}) };
  const customer = isCustomer ? object.id : (textOf(object.customer) ?? objectOf(object.customer).id);
  const say = (label: string, target: string | null, value: Json | undefined) =>
    value === undefined || value === null ? [] : [{ label, target, value }];
  return [
    ...say("Email", "_alias_email", details.email ?? object.customer_email ?? object.receipt_email),
    ...say("Phone", "_alias_phone", details.phone ?? object.customer_phone),
    ...say("Client reference", "_alias_external_id", object.client_reference_id),
    ...say("Customer", "_alias_external_id", customer),
    ...say("Name", "name", details.name ?? object.customer_name),
    ...say("Country", "country", objectOf(details.address).country),
  ];
}
