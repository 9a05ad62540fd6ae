import type { Ctx } from "../../context";
import { DELIVERY_COLUMNS, type DeliveryRow } from "./delivery-store";

/** Those of these ids that exist, newest first. One D1 round trip, none without ids. */
export async function listDeliveriesById({ db }: Ctx, ids: readonly string[]): Promise<DeliveryRow[]> {
  if (ids.length === 0) return [];
  const found = `SELECT ${DELIVERY_COLUMNS} FROM json_each(?2) r CROSS JOIN deliveries d ON d.unit = ?1 AND d.delivery_id = r.value`;
  return db.all(db.sql<DeliveryRow>(`${found} ORDER BY d.created_at DESC, d.delivery_id DESC`, JSON.stringify(ids)));
}
