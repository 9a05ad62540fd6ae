import type { Actor, Role } from "../../context";

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

const RANK: Record<Role, number> = { viewer: 0, editor: 1, admin: 2 };

/** Whether a role includes another. */
export const includesRole = (role: Role, other: Role): boolean => RANK[role] >= RANK[other];

export const roleOf = (actor: Actor): Role => (actor.kind === "system" ? "admin" : actor.role);
