/** A call of the operator's part of the console: a verb of the core under a name, as in ../call.ts. It has no org unit of its own. */
import type { z } from "zod";
import type { CallerCtx, Ctx, OrgUnit } from "../../../context";
import type { ReplayTarget } from "../../../core/dead-letters";
import type { ErasureWorld } from "../../../core/erasure";
import type { Remember, RememberInDirectory } from "../../../core/idempotency";
import type { SignedInOperator } from "../../../core/sign-in";
import type { listUsage } from "../../../core/usage";
import type { Readiness } from "../../../http/readiness";

/** What a call may need beside its context. */
export type OperatorRequest = SignedInOperator & {
  setCookie(cookie: string | null): void;
  /** for a call that commits at `home`: the context of that unit */
  atHome(): Ctx;
  /** the context of a channel's home unit */
  home(unit: OrgUnit): Ctx;
  usage: Parameters<typeof listUsage>[2];
  erasure(): Promise<ErasureWorld>;
  sendAgain(target: ReplayTarget, body: unknown): Promise<void>;
  readiness(): Promise<Readiness>;
  /** as /metrics has them; a gauge that could not be read is null */
  metrics(): Promise<{ counters: Record<string, number>; gauges: Record<string, number | null> }>;
  /** for a verb that takes `remember`, as in ../call.ts */
  rememberingInDirectory<Result>(view: (result: Result) => object): RememberInDirectory<Result>;
  /** the same for the context of `atHome` */
  rememberingAtHome<Result>(view: (result: Result) => object): Remember<Result>;
  /** for a verb whose repetition does no harm */
  rememberAfter(): void;
};

export type OperatorCall<Input extends z.ZodType = z.ZodType, Output = unknown> = {
  input: Input;
  /** the database that its verb commits in; `home`: that of the home unit of the channel in the input */
  commits: "directory" | "home";
  run(ctx: CallerCtx, input: z.output<Input>, request: OperatorRequest): Promise<Output>;
};

export const operatorCall = <Input extends z.ZodType, Output>(
  input: Input,
  run: OperatorCall<Input, Output>["run"],
): OperatorCall<Input, Output> => ({ input, commits: "directory", run });
