import type { SqlValue } from "../../context";
import type { LogCtx } from "../changes";
import { sourceEntry, sourcesAfterSql } from "./sources";

/** What an UPDATE assigns, with its parameters in their order. */
export class Assignments {
  readonly params: SqlValue[];
  readonly #texts: string[] = [];

  /** `params`: those before the first assignment, from `?2`. */
  constructor(...params: SqlValue[]) {
    this.params = params;
  }

  add(column: string, value: SqlValue, expression = (param: string) => param): void {
    this.params.push(value);
    this.#texts.push(`${column} = ${expression(`?${this.params.length + 1}`)}`);
  }

  /** The lead's `sources` after a write of these fields of its profile. */
  addSources(ctx: LogCtx, at: number, fields: readonly string[]): void {
    if (fields.length === 0) return;
    this.add("sources", sourceEntry(ctx, at, fields), (entry) => sourcesAfterSql("sources", `${entry} -> 3`, entry));
  }

  toString(): string {
    return this.#texts.join(", ");
  }
}
