/** Two leads, field by field. Pure. */
import { formatMinute } from "../../format";
import type { Side } from "./comparison";

export type ComparedField = {
  label: string;
  values: readonly [string, string];
  /** both have a value, and not the same */
  differs: boolean;
};

const textOf = (value: unknown): string =>
  value === undefined || value === null ? "" : typeof value === "object" ? JSON.stringify(value) : String(value);

const aliasesOf = ({ aliases }: Side, kind: string): string =>
  aliases
    .filter((alias) => alias.kind === kind)
    .map(({ value }) => value)
    .join(", ");

const ALIASES = [
  { kind: "email", label: "Emails" },
  { kind: "phone", label: "Phones" },
  { kind: "external_id", label: "External ids" },
  { kind: "social", label: "Social profiles" },
  { kind: "cookie", label: "Cookies" },
] as const;

/** What neither lead has is left out. */
export function comparedFields(one: Side, other: Side): ComparedField[] {
  const keys = [...new Set([...Object.keys(one.profile), ...Object.keys(other.profile)])].filter((key) => key !== "name");
  const rows: [label: string, (side: Side) => string][] = [
    ["Name", ({ name }) => name ?? ""],
    ...ALIASES.map(({ kind, label }): [string, (side: Side) => string] => [label, (side) => aliasesOf(side, kind)]),
    ["Status", ({ status }) => status.replace("_", " ")],
    ["Owner", ({ owner_name }) => owner_name ?? ""],
    ...keys.map((key): [string, (side: Side) => string] => [key.replaceAll("_", " "), ({ profile }) => textOf(profile[key])]),
    ["Created", ({ created_at }) => formatMinute(created_at)],
    ["Changed", ({ updated_at }) => formatMinute(updated_at)],
  ];
  return rows.flatMap(([label, of]) => {
    const values = [of(one), of(other)] as const;
    if (values.every((value) => value === "")) return [];
    return [{ label, values, differs: values[0] !== values[1] && values.every((value) => value !== "") }];
  });
}
