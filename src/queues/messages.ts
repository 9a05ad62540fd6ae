/** What travels in a queue: ids, never rows. */
export type ImportMessage = { unit: number; job_id: string };
export type DeliveryMessage = { unit: number; delivery_id: string };
