import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { isAttributeKey, STANDARD_PROFILE_FIELDS } from "./profile";
import { insertProfileField, selectProfileFields } from "./store";

export type ProfileField = { name: string; standard: boolean };

/** The fields that an import may fill: the standard ones, then the unit's own. */
export async function listProfileFields(ctx: Ctx): Promise<ProfileField[]> {
  const own = await ctx.db.all<{ key: string; name: string }>(selectProfileFields(ctx.db));
  return [...STANDARD_PROFILE_FIELDS.map((name) => ({ name, standard: true })), ...own.map(({ name }) => ({ name, standard: false }))];
}

/** Defines a field of the unit's own. Throws invalid_request for a name that no attribute may have, conflict for one that is known. */
export async function createProfileField(ctx: Ctx, name: string): Promise<ProfileField> {
  if (!isAttributeKey(name)) {
    throw new AppError("invalid_request", "Invalid profile field name", [
      { path: "name", message: "1 to 64 characters: letters, digits, underscore, dash, dot, space" },
    ]);
  }
  const key = name.toLowerCase();
  const taken = () => new AppError("conflict", `The profile field ${name} exists already (field names are case-insensitive)`);
  if ((STANDARD_PROFILE_FIELDS as readonly string[]).includes(key)) throw taken();
  const [inserted] = await ctx.db.batch([insertProfileField(ctx.db, { key, name, created_at: ctx.now() })]);
  if (!inserted?.[0]) throw taken();
  return { name, standard: false };
}

/** Field names by their lower-case form. */
export function knownFields(own: readonly { key: string; name: string }[]): Map<string, string> {
  return new Map([...STANDARD_PROFILE_FIELDS.map((name) => [name, name] as const), ...own.map(({ key, name }) => [key, name] as const)]);
}
