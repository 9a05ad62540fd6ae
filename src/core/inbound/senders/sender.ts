import type { Json } from "../../leads";
import type { Delivery, Reading } from "../submission";

/** What is known of a sender: how it signs, and what its payloads look like. */
export type Sender = {
  /** whether the delivery was signed with the source's secret; `payload` is undefined where the body cannot be read */
  isSigned: (secret: string, delivery: Delivery, payload: Json | undefined) => boolean;
  read: (payload: Json) => Reading;
  /** of a sender that puts its secret into the payload */
  withoutSecret?: (payload: Json) => Json;
  /** the body of the answer, where the sender documents one */
  answer?: object;
};
