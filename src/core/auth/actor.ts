import type { Actor, CallerCtx, OrganizationActor } from "../../context";
import { AppError } from "../../errors";
import { ROLES, type Role } from "../../vocabulary";

/** Neither the operator nor the system belongs to an organization. */
export const isOfOrganization = (actor: Actor): actor is OrganizationActor => "organization_id" in actor;

export function organizationOf(actor: Actor): string {
  if (!isOfOrganization(actor)) throw new Error(`the ${actor.kind} belongs to no organization`);
  return actor.organization_id;
}

/** Whether the caller is a program with an OAuth grant, not the person who approved it. */
export const isGrant = (actor: Actor): boolean => actor.kind === "credential" && actor.credential_id.startsWith("grant_");

/** Who did it, for a record. */
export function actorId(actor: Actor): string {
  switch (actor.kind) {
    case "credential":
      return actor.credential_id;
    case "identity_provider":
      return actor.subject;
    case "operator":
    case "system":
      return actor.kind;
  }
}

/** Whether a role includes another. */
export const includesRole = (role: Role, other: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(other);

export const roleOf = (actor: Actor): Role => (isOfOrganization(actor) ? actor.role : "admin");

/** Whether the caller sees what only editors may see: the URLs that messages can be sent to. */
export const mayEdit = ({ actor }: Pick<CallerCtx, "actor">): boolean => includesRole(roleOf(actor), "editor");

/** Every verb that writes begins with this. Throws forbidden. */
export function requireRole({ actor }: Pick<CallerCtx, "actor">, role: Role): void {
  if (!includesRole(roleOf(actor), role)) throw new AppError("forbidden", `This needs the role ${role}`);
}

/** Every verb that only the operator may call begins with this. Throws forbidden. */
export function requireOperator({ actor }: Pick<CallerCtx, "actor">): void {
  if (isOfOrganization(actor)) throw new AppError("forbidden", "Only the operator may do this");
}
