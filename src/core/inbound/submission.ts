/** What a sender's payload says, in the same form for every sender. Pure. */
import type { Json, Profile } from "../leads";
import { pointerOf } from "./json-pointer";

/** Per submission; further ones are left out. */
export const ANSWERS_MAX = 500;
export const LABEL_CHARS_MAX = 200;

/** One thing that a person has said, or that is known of the person. */
export type Answer = {
  /** the question, or the name of the field */
  label: string;
  value: Json;
  /** a second name, by which the form knows the question */
  ref?: string;
  /** where it stands in the payload */
  pointer?: string;
  /** a field or `_alias_kind` where the sender's own type says it; null: of nobody's profile. Left out: the label says it */
  target?: string | null;
};

export type Submission = {
  /** the sender's id of this delivery; null: it has none */
  delivery_id: string | null;
  event_type: string;
  /** RFC 3339 or seconds since the epoch, as the sender says it */
  at: Json | undefined;
  /** what is kept with the event besides the answers: the form, the campaign, the amount */
  about: Profile;
  answers: Answer[];
  /** the part of the payload that a mapping looks into */
  root: Json;
};

/** `unusable`: why there is nothing to take. */
export type Reading = { submissions: Submission[] } | { unusable: string; test?: true };

/** What was sent, before anybody has looked at it. */
export type Delivery = {
  method: string;
  url: string;
  /** names in lower case */
  headers: Readonly<Record<string, string>>;
  body: Uint8Array<ArrayBuffer>;
  /** milliseconds */
  received_at: number;
};

export const FORM_SUBMITTED = "Form Submitted";

type JsonObject = { [key: string]: Json };

/** An object as it is; anything else as one without members. */
export const objectOf = (value: Json | undefined): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};

export const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

/** A text or number as a text; null for anything else and for an empty one. */
export function textOf(value: Json | undefined): string | null {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return null;
  const text = String(value).trim();
  return text === "" ? null : text;
}

/** Without the members that have no value. */
export const known = (members: Record<string, Json | undefined>): Profile =>
  Object.fromEntries(Object.entries(members).flatMap(([key, value]) => (value === undefined || value === null ? [] : [[key, value]])));

/** Each member as an answer of its name. */
export const answersOf = (members: JsonObject, ...path: string[]): Answer[] =>
  Object.entries(members).map(([label, value]) => ({ label, value, pointer: pointerOf(...path, label) }));
