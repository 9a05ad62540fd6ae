/** What a tool is: its schemas, what it does to the org unit, and the verb that it calls. */
import type { z } from "@hono/zod-openapi";
import type { Ctx } from "../../context";
import { parseInput } from "../../validation";
import type { Role } from "../../vocabulary";

/** `plans`: stores a plan, and changes no lead. */
type Effect = "reads" | "plans" | "writes";

const ROLE: Record<Effect, Role> = { reads: "viewer", plans: "editor", writes: "editor" };

/** Hints of the protocol; what writes can be undone, but it does change what is there. */
const HINTS = {
  reads: { readOnlyHint: true, destructiveHint: false, idempotentHint: true },
  plans: { readOnlyHint: false, destructiveHint: false, idempotentHint: false },
  writes: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
} as const satisfies Record<Effect, object>;

/** `text` says the same as `data`, for clients that show no structured content. */
type Outcome<Data> = { data: Data; text: string };

type Definition<Input extends z.ZodType, Output extends z.ZodType> = {
  name: string;
  title: string;
  description: string;
  effect: Effect;
  input: Input;
  output: Output;
  call: (ctx: Ctx, input: z.output<Input>) => Promise<Outcome<z.input<Output>>>;
};

export type Tool = Omit<Definition<z.ZodType, z.ZodType>, "call" | "effect"> & {
  role: Role;
  annotations: { title: string; readOnlyHint: boolean; destructiveHint: boolean; idempotentHint: boolean; openWorldHint: boolean };
  /** Throws what its verb throws, and invalid_request. */
  call: (ctx: Ctx, given: unknown) => Promise<Outcome<unknown>>;
};

export const defineTool = <Input extends z.ZodType, Output extends z.ZodType>({
  effect,
  call,
  ...tool
}: Definition<Input, Output>): Tool => ({
  ...tool,
  role: ROLE[effect],
  annotations: { title: tool.title, ...HINTS[effect], openWorldHint: false },
  call: (ctx, given) => call(ctx, parseInput(tool.input, given)),
});
