/**
 * Accepted events that the database did not take, kept in R2 until it does. An object is written once and never changed; its key names the
 * org unit and the span of its events' `received_at`, and ends in 128 random bits. Writing one needs no database.
 */
import { randomHex } from "../../ids";
import type { QueuedEvent } from "./event";

const SPILL_PREFIX = "spill/";
/** The most objects that R2 lists at once. */
const OBJECTS_LISTED_MAX = 1_000;
/** Objects that a receipt searches. */
const OBJECTS_SEARCHED_MAX = 20;

export type SpilledObject = { key: string; bytes: number };

/** Writes events of one org unit as one object: JSON, one event a line. */
export async function spillEvents(files: R2Bucket, unit: number, events: readonly QueuedEvent[]): Promise<void> {
  if (events.length === 0) return;
  const received = events.map(({ received_at }) => received_at);
  const key = `${prefixOf(unit)}${Math.min(...received)}-${Math.max(...received)}-${randomHex(16)}.ndjson`;
  await files.put(key, events.map((event) => `${JSON.stringify(event)}\n`).join(""), {
    httpMetadata: { contentType: "application/x-ndjson" },
  });
}

/** The org units that have spilled events. */
export async function listSpilledUnits(files: R2Bucket): Promise<number[]> {
  const { delimitedPrefixes } = await files.list({ prefix: SPILL_PREFIX, delimiter: "/", limit: OBJECTS_LISTED_MAX });
  return delimitedPrefixes.map((prefix) => Number(prefix.slice(SPILL_PREFIX.length, -1)));
}

/** The unit's objects, those with the oldest events first. */
export async function listSpilled(files: R2Bucket, unit: number, limit: number): Promise<SpilledObject[]> {
  const { objects } = await files.list({ prefix: prefixOf(unit), limit });
  return objects.map(({ key, size }) => ({ key, bytes: size }));
}

/** An object that another replay has removed meanwhile has no events. */
export async function readSpilled(files: R2Bucket, { key }: SpilledObject): Promise<QueuedEvent[]> {
  const object = await files.get(key);
  if (!object) return [];
  const lines = (await object.text()).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as QueuedEvent);
}

/** Removes whatever the unit has spilled. */
export async function removeSpilled(files: R2Bucket, unit: number): Promise<void> {
  for (;;) {
    const objects = await listSpilled(files, unit, OBJECTS_LISTED_MAX);
    if (objects.length === 0) return;
    await files.delete(objects.map(({ key }) => key));
  }
}

/** Whether the event is spilled. Objects of its time (null: unknown) are searched first, and not all if there are very many. */
export async function isSpilled(files: R2Bucket, unit: number, eventId: string, receivedAt: number | null): Promise<boolean> {
  const objects = await listSpilled(files, unit, OBJECTS_LISTED_MAX);
  const byTime = objects.toSorted((a, b) => distance(a.key, receivedAt) - distance(b.key, receivedAt));
  for (const object of byTime.slice(0, OBJECTS_SEARCHED_MAX)) {
    const events = await readSpilled(files, object);
    if (events.some(({ event_id }) => event_id === eventId)) return true;
  }
  return false;
}

const prefixOf = (unit: number): string => `${SPILL_PREFIX}${unit}/`;

/** How far a time lies outside an object's span, in ms. */
function distance(key: string, time: number | null): number {
  const [, from, until] = /\/(\d+)-(\d+)-[0-9a-f]+\.ndjson$/.exec(key) ?? [];
  return time === null ? 0 : Math.max(0, Number(from) - time, time - Number(until));
}
