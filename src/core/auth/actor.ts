import type { Actor, CallerCtx } from "../../context";
import { AppError } from "../../errors";
import { ROLES, type Role } from "../../vocabulary";

export function organizationOf(actor: Actor): string {
  if (actor.kind === "system") throw new Error("the system belongs to no organization");
  return actor.organization_id;
}

/** Who did it, for a record. */
export function actorId(actor: Actor): string {
  switch (actor.kind) {
    case "credential":
      return actor.credential_id;
    case "identity_provider":
      return actor.subject;
    case "system":
      return "system";
  }
}

/** Whether a role includes another. */
export const includesRole = (role: Role, other: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(other);

export const roleOf = (actor: Actor): Role => (actor.kind === "system" ? "admin" : actor.role);

/** Every verb that writes begins with this. Throws forbidden. */
export function requireRole({ actor }: Pick<CallerCtx, "actor">, role: Role): void {
  if (!includesRole(roleOf(actor), role)) throw new AppError("forbidden", `This needs the role ${role}`);
}
