/** A channel's definitions and statuses after a change: new ones completed, changed ones merged with what is stored. Pure. */
import type { FieldProblem } from "../../../errors";
import type { ChannelStatus, PropertyDefinition } from "../channel";
import { CHANNEL_LIMITS, type DefinitionInput, type StatusInput } from "../schemas";

const FIRST_STATUS = "New lead";
const COLOR = "#3B82F6";

type Planned<Part> = { changed: Part[]; problems: FieldProblem[] };

/** The definitions that are new or changed. */
export function planDefinitions(known: readonly PropertyDefinition[], inputs: readonly DefinitionInput[]): Planned<PropertyDefinition> {
  return plan("property_definitions", known, inputs, CHANNEL_LIMITS.definitions, {
    nameKey: "name",
    blank: (order) => ({ type: "text", order, visible: true, active: true }),
  });
}

/** The statuses that are new or changed. A channel that would have none gets "New lead". */
export function planStatuses(known: readonly ChannelStatus[], inputs: readonly StatusInput[]): Planned<ChannelStatus> {
  const wanted = known.length + inputs.length === 0 ? [{ status: FIRST_STATUS }] : inputs;
  return plan("lead_status", known, wanted, CHANNEL_LIMITS.statuses, {
    nameKey: "status",
    blank: (order) => ({ order, color: COLOR, visible: true }),
  });
}

function plan<Part extends { id: string; order: number }, Name extends keyof Part & string>(
  path: string,
  known: readonly Part[],
  inputs: readonly Partial<Record<keyof Part, unknown>>[],
  max: number,
  { nameKey, blank }: { nameKey: Name; blank: (order: number) => Omit<Part, "id" | Name> },
): Planned<Part> {
  const parts = new Map(known.map((part) => [part.id, part]));
  const changed = new Map<string, Part>();
  const problems: FieldProblem[] = [];
  let order = Math.max(0, ...known.map((part) => part.order));
  for (const [at, input] of inputs.entries()) {
    const id = typeof input.id === "string" ? input.id.toLowerCase() : crypto.randomUUID();
    const before = parts.get(id);
    if (input.id !== undefined && !before) problems.push({ path: `${path}.${at}.id`, message: "is none of this channel's" });
    else if (!before && input[nameKey] === undefined) problems.push({ path: `${path}.${at}.${nameKey}`, message: "is required" });
    else {
      const given = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
      const part = { ...(before ?? blank(++order)), ...given, id } as Part;
      parts.set(id, part);
      changed.set(id, part);
    }
  }
  if (parts.size > max) problems.push({ path, message: `a channel has at most ${max}` });
  problems.push(
    ...repeated([...parts.values()].map((part) => String(part[nameKey]))).map((name) => ({ path, message: `named twice: ${name}` })),
  );
  return { changed: [...changed.values()], problems };
}

const repeated = (names: readonly string[]): string[] => [...new Set(names.filter((name, at) => names.indexOf(name) !== at))];
