import type { z } from "zod";
import type { Ctx } from "../../context";
import { CommitConflict } from "../../db/commit";
import { insertIfRoom } from "../../db/living-rows";
import { AppError } from "../../errors";
import { parseInput } from "../../validation";
import { isOneOf } from "../../vocabulary";
import { requireRole } from "../auth";
import type { Remember } from "../idempotency";
import { STANDARD_PROFILE_FIELDS } from "./fields";
import { isAttributeKey } from "./profile";
import { ProfileFieldInput } from "./schemas";
import { insertProfileField, type ProfileFieldRow, selectProfileFields } from "./store";

export type ProfileField = { name: string; standard: boolean };

/** The fields that an import may fill: the standard ones, then the unit's own. */
export async function listProfileFields(ctx: Ctx): Promise<ProfileField[]> {
  const own = await ctx.db.all(selectProfileFields(ctx.db));
  return [...STANDARD_PROFILE_FIELDS.map((name) => ({ name, standard: true })), ...own.map(({ name }) => ({ name, standard: false }))];
}

/**
 * Defines a field of the unit's own. One D1 round trip.
 * Throws forbidden, invalid_request for a name that no attribute may have, conflict for one that exists or when there is no room.
 */
export async function createProfileField(
  ctx: Ctx,
  input: z.input<typeof ProfileFieldInput>,
  remember: Remember<ProfileField> = () => [],
): Promise<ProfileField> {
  requireRole(ctx, "editor");
  const { name } = parseInput(ProfileFieldInput, input);
  if (!isAttributeKey(name)) {
    throw new AppError("invalid_request", "Invalid profile field name", [
      { path: "name", message: "1 to 64 characters: letters, digits, underscore, dash, dot, space" },
    ]);
  }
  const key = name.toLowerCase();
  const taken = () => new AppError("conflict", `The profile field ${name} exists already (field names are case-insensitive)`);
  if (isOneOf(STANDARD_PROFILE_FIELDS, key)) throw taken();
  const field = { name, standard: false };
  try {
    await insertIfRoom(ctx, "profile_fields", [insertProfileField(ctx.db, { key, name, created_at: ctx.now() }), ...remember(field)]);
  } catch (error) {
    throw error instanceof CommitConflict ? taken() : error;
  }
  return field;
}

/** Field names by their lower-case form. */
export function knownFields(own: readonly ProfileFieldRow[]): Map<string, string> {
  return new Map([...STANDARD_PROFILE_FIELDS.map((name) => [name, name] as const), ...own.map(({ key, name }) => [key, name] as const)]);
}
