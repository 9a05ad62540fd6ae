/** The one way to the server: `call("leads.list", {…})`, typed by the server's own table of calls. */
import type { CallInput, CallName, CallOutput, OperatorCallInput, OperatorCallName, OperatorCallOutput } from "../server/calls";
import { signedOut, untilSignedIn } from "./session";
import { shownUnit } from "./unit";

/** A refusal as the server words it (problem JSON, RFC 9457). `errors` name fields. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly errors: readonly { path: string; message: string }[] = [],
    /** what the server adds to some codes */
    readonly more: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = "Problem";
  }

  /** What is wrong with one field, or with an item of it, in words. */
  at(path: string): string | undefined {
    return this.errors.find((error) => error.path === path || error.path.startsWith(`${path}.`))?.message;
  }
}

export type CallOptions = { signal?: AbortSignal };

const RETRIES_MAX = 2;
const RETRY_AFTER_MS = 400;

/**
 * Calls a verb. When the session has ended, a dialog asks to sign in over the page, and the call is sent again after it: nothing is lost. A
 * connection that breaks is tried again: every call carries a key by which the server carries it out once. Throws Problem.
 */
export const call = async <Name extends CallName>(name: Name, input: CallInput<Name>, options?: CallOptions): Promise<CallOutput<Name>> =>
  (await carryOut(name, input, options)) as CallOutput<Name>;

/** The same for a call of the operator. */
export const operate = async <Name extends OperatorCallName>(
  name: Name,
  input: OperatorCallInput<Name>,
  options?: CallOptions,
): Promise<OperatorCallOutput<Name>> => (await carryOut(`operator/${name}`, input, options)) as OperatorCallOutput<Name>;

async function carryOut(path: string, input: unknown, { signal }: CallOptions = {}): Promise<unknown> {
  const init: RequestInit = {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
    body: JSON.stringify(input),
    ...(signal ? { signal } : {}),
  };
  return (await send(`/console/api/${path}`, init)).json();
}

/** A request to the console's API with its headers; sent again after signing in. Throws Problem. */
export async function send(path: string, init: RequestInit): Promise<Response> {
  for (;;) {
    const response = await reach(path, init);
    if (response.ok) return response;
    const problem = await problemOf(response);
    if (problem.status !== 401 || path.endsWith("/sign-in") || path.endsWith("/open")) throw problem;
    signedOut();
    await untilSignedIn(init.signal ?? null);
  }
}

async function reach(path: string, init: RequestInit): Promise<Response> {
  const unit = shownUnit.peek();
  const headers = new Headers(init.headers);
  headers.set("X-Leadedge-Console", "1");
  if (unit) headers.set("X-Org-Unit", unit);
  for (let tries = 0; ; tries++) {
    try {
      return await fetch(path, { ...init, headers });
    } catch (error) {
      if (init.signal?.aborted || init.body instanceof ReadableStream) throw error;
      if (tries === RETRIES_MAX) throw new Problem(0, "unreachable", "The server cannot be reached: check your connection, then try again");
      await new Promise((done) => setTimeout(done, RETRY_AFTER_MS * 2 ** tries));
    }
  }
}

type ProblemBody = { code?: string; detail?: string; errors?: { path: string; message: string }[] };

async function problemOf(response: Response): Promise<Problem> {
  const body = (await response.json().catch(() => ({}))) as ProblemBody & Record<string, unknown>;
  const { code, detail, errors, ...more } = body;
  return new Problem(response.status, code ?? "unknown", detail ?? `The server returned ${response.status}`, errors, more);
}

/** Whether somebody gave up on a call: nothing to report. */
export const isAbort = (error: unknown): boolean => error instanceof DOMException && error.name === "AbortError";
