import type { CallerCtx } from "../../context";
import { actorId } from "./actor";
import { findById } from "./store";

/** What the caller's credential was named; of anybody else the id. One D1 round trip for a credential. */
export async function callerName({ actor, directory }: Pick<CallerCtx, "actor" | "directory">): Promise<string> {
  const found = actor.kind === "credential" ? await findById(directory, actor.credential_id) : undefined;
  return found?.credential.name ?? actorId(actor);
}
