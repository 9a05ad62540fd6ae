/** A call of the console: a verb of the core under a name, with what it takes and returns. One route carries them all: see api.ts. */
import type { z } from "zod";
import type { Ctx } from "../../context";
import type { SigningKeys } from "../../core/auth";
import type { Service } from "../../core/authorization";
import type { Remember, RememberInDirectory } from "../../core/idempotency";
import type { Json } from "../../core/leads";
import type { SessionOwner } from "../../core/sign-in";

/** What a call may need beside its context. */
export type CallRequest = {
  owner: SessionOwner;
  /** this service, as OAuth clients know it */
  service: Service;
  signingKeys(): Promise<SigningKeys>;
  /** sets the session's cookie; null clears it */
  setCookie(cookie: string | null): void;
  /** for a verb that takes `remember`: repeating the call with its Idempotency-Key returns the same; `view` returns what the call returns */
  remembering<Result>(view: (result: Result) => object): Remember<Result>;
  /** the same for a call of `writeInDirectory`; what is shown once is left out by `view`: it is not stored */
  rememberingInDirectory<Result>(view: (result: Result) => object): RememberInDirectory<Result>;
  /** for any other verb: its response is kept after its commit */
  rememberAfter(): void;
};

export type Call<Input extends z.ZodType = z.ZodType, Output = unknown> = {
  input: Input;
  /** whether it only reads: then any replica may serve it */
  reads: boolean;
  /** which database its verb commits in: the response for a repeated call is kept there, too */
  commits: "unit" | "directory";
  run(ctx: Ctx, input: z.output<Input>, request: CallRequest): Promise<Output>;
};

type Run<Input extends z.ZodType, Output> = Call<Input, Output>["run"];

/** `input` is what the call takes on the wire; the verb parses what it is given itself. */
export const read = <Input extends z.ZodType, Output>(input: Input, run: Run<Input, Output>): Call<Input, Output> => ({
  input,
  reads: true,
  commits: "unit",
  run,
});
export const write = <Input extends z.ZodType, Output>(input: Input, run: Run<Input, Output>): Call<Input, Output> => ({
  input,
  reads: false,
  commits: "unit",
  run,
});
/**
 * For a verb that would refuse its own repetition, as out of date or not found: the call sent again gets the same response. That is stored, so it
 * must contain no secret.
 */
export const writeOnce = <Input extends z.ZodType, Output>(input: Input, run: Run<Input, Output>): Call<Input, Output> =>
  write(input, (ctx, given, request) => {
    request.rememberAfter();
    return run(ctx, given, request);
  });
/** For a verb that commits in the directory: credentials, org units. */
export const writeInDirectory = <Input extends z.ZodType, Output>(input: Input, run: Run<Input, Output>): Call<Input, Output> => ({
  ...write(input, run),
  commits: "directory",
});

/** A value after its way through JSON. */
export type OverJson<Value> = Value extends Json | undefined
  ? Value
  : Value extends readonly unknown[]
    ? { [At in keyof Value]: OverJson<Value[At]> }
    : Value extends ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | Date | bigint | ((...given: never[]) => unknown)
      ? never
      : { [Key in keyof Value]: OverJson<Value[Key]> };

export type InputOf<C> = C extends { input: infer Input extends z.ZodType } ? z.input<Input> : never;
export type OutputOf<C> = C extends { run(...given: never[]): Promise<infer Output> } ? OverJson<Output> : never;
