/**
 * Why a file is not read. `unsupported`: another kind of file (415). `invalid`: damaged or senseless (400). `too_large`: beyond a
 * cap (413). `no_such_sheet`: the chosen sheet does not exist (400). `detail` is a phrase, to follow a colon; it says what to do.
 */
export type SpreadsheetProblem = { kind: "unsupported" | "invalid" | "too_large" | "no_such_sheet"; detail: string };

export type Refused = { ok: false; problem: SpreadsheetProblem };

/** Carries a problem out of the depth of a reader. Never leaves this part of the core: its doors return the problem as a value. */
export class Refusal extends Error {
  readonly problem: SpreadsheetProblem;

  constructor(kind: SpreadsheetProblem["kind"], detail: string) {
    super(detail);
    this.name = "Refusal";
    this.problem = { kind, detail };
  }
}

/** The problem as a value. Any other error, such as one of the storage, is thrown on. */
export function refusedBy(error: unknown): Refused {
  if (error instanceof Refusal) return { ok: false, problem: error.problem };
  throw error;
}

export function damaged(what: string): Refusal {
  return new Refusal("invalid", `the file is damaged or was cut off (${what}): open it in Excel and save it again`);
}
