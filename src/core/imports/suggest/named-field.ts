/** Which field of a lead a name means, by the names that columns of files have. Pure. */
import { isOneOf } from "../../../vocabulary";
import { STANDARD_PROFILE_FIELDS, type StandardProfileField } from "../../leads";
import { type HeaderRole, ROLE_NAMES } from "./header-roles";
import { plainHeader } from "./plain-header";

export type NamedField = StandardProfileField | "email" | "phone";

const LAST_NAMES: readonly (HeaderRole | undefined)[] = ["last_name", "last_or_full"];
const FIRST_NAMES: readonly (HeaderRole | undefined)[] = ["first_name", "first_or_full"];

let roles: ReadonlyMap<string, HeaderRole> | undefined;

function roleNamed(name: string): HeaderRole | undefined {
  roles ??= new Map(ROLE_NAMES.toReversed().map((known) => [known.name, known.role]));
  return roles.get(plainHeader(name));
}

/** For each name the field that it means by itself, whole; null where it means none. A name of both halves counts beside the other half. */
export function namedFields(names: readonly string[]): (NamedField | null)[] {
  const found = names.map(roleNamed);
  const hasLast = found.some((role) => LAST_NAMES.includes(role));
  const hasFirst = found.some((role) => FIRST_NAMES.includes(role));
  return found.map((role) => {
    if (role === "first_or_full") return hasLast ? "first_name" : "name";
    if (role === "last_or_full") return hasFirst ? "last_name" : "name";
    if (role === "phone_mobile") return "phone";
    if (role === "email" || role === "phone") return role;
    return role !== undefined && isOneOf(STANDARD_PROFILE_FIELDS, role) ? role : null;
  });
}
