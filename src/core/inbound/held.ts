/** Deliveries that came while the database or the queue was away, kept in R2 as they were sent until both are back. */
import { Buffer } from "node:buffer";
import { randomHex } from "../../ids";
import type { Delivery } from "./submission";

const PREFIX = "inbound/";

export type HeldDelivery = { token: string; delivery: Delivery };

/** Needs neither database nor queue. */
export async function holdDelivery(files: R2Bucket, unit: number, { token, delivery }: HeldDelivery): Promise<void> {
  const body = Buffer.from(delivery.body).toString("base64");
  const key = `${PREFIX}${unit}/${delivery.received_at}-${randomHex(16)}.json`;
  await files.put(key, JSON.stringify({ token, delivery: { ...delivery, body } }));
}

const UNITS_LISTED_MAX = 1_000;

/** The org units that have some. */
export async function listHoldingUnits(files: R2Bucket): Promise<number[]> {
  const { delimitedPrefixes } = await files.list({ prefix: PREFIX, delimiter: "/", limit: UNITS_LISTED_MAX });
  return delimitedPrefixes.map((prefix) => Number(prefix.slice(PREFIX.length, -1)));
}

/** A unit's, oldest first. */
export async function listHeld(files: R2Bucket, unit: number, limit: number): Promise<string[]> {
  const { objects } = await files.list({ prefix: `${PREFIX}${unit}/`, limit });
  return objects.map(({ key }) => key);
}

/** Null for one that another tick has settled. */
export async function readHeld(files: R2Bucket, key: string): Promise<HeldDelivery | null> {
  const object = await files.get(key);
  if (!object) return null;
  const { token, delivery } = await object.json<{ token: string; delivery: Omit<Delivery, "body"> & { body: string } }>();
  return { token, delivery: { ...delivery, body: new Uint8Array(Buffer.from(delivery.body, "base64")) } };
}
