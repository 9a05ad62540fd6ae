/** The worker as the outside sees it, and the D1 it talks to, counted. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, vi } from "vitest";
import worker from "../../src/index";
import type { DeadWork } from "../../src/queues/left-over";
import { processUnit, type UnitWork } from "../../src/queues/process-unit";
import { openReplay } from "../../src/queues/replay-unit";
import { settleUnit } from "../../src/queues/settle-unit";

export const ORIGIN = "http://leadedge.test";

const DRAIN_MS_MAX = 20_000;

/** The environment with some of its bindings replaced, for the lanes of the units, too: they then run in this process. */
export function envWith(bindings: Partial<Env>): Env {
  if (Object.keys(bindings).length === 0) return env;
  const replay = async (unit: number, until: number): Promise<void> => {
    const next = openReplay(replaced, unit);
    while (Date.now() < until && (await next()) === "more");
  };
  const lane = {
    process: (work: UnitWork) => processUnit(replaced, work),
    settle: (work: DeadWork) => settleUnit(replaced, work),
    replay,
    drain: (unit: number) => replay(unit, Date.now() + DRAIN_MS_MAX),
    followChanges: (unit: number, waits: boolean) => env.UNIT_LANES.getByName(String(unit)).followChanges(unit, waits),
    beginJob: async () => true,
    endJob: async (job: object, again: boolean) => (again ? job : null),
  };
  const replaced: Env = { ...env, UNIT_LANES: { getByName: () => lane } as unknown as Env["UNIT_LANES"], ...bindings };
  return replaced;
}

/** One request through the worker's own entry point; `bindings` replace some of its environment. */
export async function request(path: string, init: RequestInit = {}, bindings: Partial<Env> = {}): Promise<Response> {
  const context = createExecutionContext();
  const answer = await worker.fetch(new Request(ORIGIN + path, init), { ...env, ...bindings }, context);
  await waitOnExecutionContext(context);
  return answer;
}

export type D1Count = { trips: number; rowsWritten: number; rowsRead: number; statements: string[] };

/** A D1 binding that counts what goes through it: a batch is one round trip, and every statement's rows count. */
export function countingD1(d1: D1Database = env.DB): { DB: D1Database; count: D1Count } {
  const count: D1Count = { trips: 0, rowsWritten: 0, rowsRead: 0, statements: [] };
  const inner = new WeakMap<object, { statement: D1PreparedStatement; text: string }>();

  const record = (texts: string[], results: D1Result[]) => {
    count.trips += 1;
    count.statements.push(...texts);
    for (const result of results) {
      count.rowsWritten += result.meta.rows_written;
      count.rowsRead += result.meta.rows_read;
    }
  };
  const wrap = (statement: D1PreparedStatement, text: string): D1PreparedStatement => {
    const outer = {
      bind: (...values: unknown[]) => wrap(statement.bind(...values), text),
      all: async () => {
        const result = await statement.all();
        record([text], [result]);
        return result;
      },
      run: async () => {
        const result = await statement.run();
        record([text], [result]);
        return result;
      },
      first: async (...column: [string?]) => {
        record([text], []);
        return statement.first(...(column as []));
      },
      raw: async (...options: []) => {
        record([text], []);
        return statement.raw(...options);
      },
    } as unknown as D1PreparedStatement;
    inner.set(outer, { statement, text });
    return outer;
  };
  const counted = (target: Pick<D1Database, "prepare" | "batch">) => ({
    prepare: (text: string) => wrap(target.prepare(text), text),
    batch: async (statements: D1PreparedStatement[]) => {
      const found = statements.map((statement) => inner.get(statement));
      const results = await target.batch(found.map((entry) => entry?.statement as D1PreparedStatement));
      record(
        found.map((entry) => entry?.text ?? ""),
        results,
      );
      return results;
    },
  });
  const DB = {
    ...counted(d1),
    withSession: (constraint?: string) => {
      const session = d1.withSession(constraint);
      return { ...counted(session), getBookmark: () => session.getBookmark() };
    },
  } as unknown as D1Database;
  return { DB, count };
}

export type Problem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  request_id: string;
  errors?: { path: string; message: string }[];
};

/** The problem that an answer carries; it must be whole, and of this status. */
export async function readProblem(answer: Response, status: number): Promise<Problem> {
  const text = await answer.text();
  expect([answer.status, answer.headers.get("Content-Type")], text).toEqual([status, "application/problem+json"]);
  const problem = JSON.parse(text) as Problem;
  expect(problem).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    status,
    detail: expect.any(String),
    code: expect.stringMatching(/^[a-z_]+$/),
    request_id: answer.headers.get("X-Request-Id"),
  });
  return problem;
}

export type ApiOperation = {
  operationId: string;
  method: string;
  path: string;
  summary?: string;
  security?: Record<string, unknown>[];
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema?: unknown; example?: unknown }> };
  responses: Record<string, { description: string; content?: Record<string, { schema?: unknown; example?: unknown }> }>;
};

/** Every operation that /openapi.json describes. */
export async function apiOperations(): Promise<ApiOperation[]> {
  const { paths } = await (await request("/openapi.json")).json<{ paths: Record<string, Record<string, ApiOperation>> }>();
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );
}

/** Dialects with keys, errors and tests of their own: partner, with one operation on two paths, and Segment's. */
export const isPartner = ({ path }: { path: string }): boolean =>
  path === "/partner" || path === "/functions/v1/keen-api" || path.startsWith("/v1/");

/** What the worker logs while `act` runs, line by line. */
export async function logged(act: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const spies = (["log", "error", "warn", "info"] as const).map((method) =>
    vi.spyOn(console, method).mockImplementation((...parts: unknown[]) => void lines.push(parts.map(String).join(" "))),
  );
  try {
    await act();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return lines;
}

/** A D1 that fails whatever is asked of it. */
export function failingD1(message: string): { DB: D1Database } {
  const fail = () => Promise.reject(new Error(message));
  const statement = { bind: () => statement, all: fail, run: fail, first: fail, raw: fail };
  const session = { prepare: () => statement, batch: fail, getBookmark: () => null };
  return { DB: { ...session, withSession: () => session } as unknown as D1Database };
}
