/** Which metadata keys of leads fill the fields that profile rules name. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import { CommitConflict } from "../../db/commit";
import { insertIfRoom } from "../../db/living-rows";
import { AppError } from "../../errors";
import { newId } from "../../ids";
import { parseInput } from "../../validation";
import { requireRole } from "../auth";
import type { Remember } from "../idempotency";
import type { ProfileMapping } from "./rule";
import { NewProfileMapping, ProfileMappingChange } from "./schemas";
import { deleteProfileMappingStatement, insertProfileMapping, selectProfileMappings, updateProfileMapping } from "./store";

/** Oldest first. One D1 round trip. */
export const listProfileMappings = (ctx: Ctx): Promise<ProfileMapping[]> => ctx.db.all(selectProfileMappings(ctx.db));

/** Throws forbidden, invalid_request, conflict for a key that has a mapping and when there is no room. One D1 round trip. */
export async function createProfileMapping(
  ctx: Ctx,
  given: z.input<typeof NewProfileMapping>,
  remember: Remember<ProfileMapping> = () => [],
): Promise<ProfileMapping> {
  requireRole(ctx, "editor");
  const now = ctx.now();
  const mapping = { mapping_id: newId("pmap", now), ...parseInput(NewProfileMapping, given), created_at: now };
  await uniquely(mapping.metadata_key, () =>
    insertIfRoom(ctx, "profile_mappings", [insertProfileMapping(ctx.db, mapping), ...remember(mapping)]),
  );
  return mapping;
}

/** Changes the given fields. Throws forbidden, invalid_request, not_found, conflict for a key that has another mapping. One D1 round trip. */
export async function changeProfileMapping(
  ctx: Ctx,
  mappingId: string,
  given: z.input<typeof ProfileMappingChange>,
): Promise<ProfileMapping> {
  requireRole(ctx, "editor");
  const changes = parseInput(ProfileMappingChange, given);
  const [[mapping]] = await uniquely(changes.metadata_key ?? "", () => ctx.db.batch([updateProfileMapping(ctx.db, mappingId, changes)]));
  if (!mapping) throw noSuchMapping(mappingId);
  return mapping;
}

/** Throws forbidden, not_found. One D1 round trip. */
export async function deleteProfileMapping(ctx: Ctx, mappingId: string): Promise<void> {
  requireRole(ctx, "editor");
  const deleted = await ctx.db.all(deleteProfileMappingStatement(ctx.db, mappingId));
  if (deleted.length === 0) throw noSuchMapping(mappingId);
}

async function uniquely<Result>(key: string, write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof CommitConflict) throw new AppError("conflict", `The key ${key} has a mapping already`);
    throw error;
  }
}

const noSuchMapping = (mappingId: string): AppError => new AppError("not_found", `Profile mapping not found: ${mappingId.slice(0, 100)}`);
