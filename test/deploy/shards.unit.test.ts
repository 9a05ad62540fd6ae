/** `npm run shards` against a recording of what wrangler prints: what it adds to wrangler.toml, and which commands it runs. */
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { nextShard, withDatabase } from "../../src/deploy/shard-config";
import { makeScratch, type Recorded, removeScratches, root, runRecorded } from "./recorded";

/** Starting wrangler's library and our script takes a second or two on a busy machine. */
const SLOW_MS = 60_000;

const listing = (...names: string[]): Recorded => ({ command: "d1 list", stdout: JSON.stringify(names.map((name) => ({ name }))) });
const ADDED = ["whoami", "d1 list --json", "d1 create leadedge-1 --no-update-config", "d1 migrations apply DB_1 --remote"];
const TYPES = "types src/env.d.ts --include-runtime=false --strict-vars=false";

afterEach(removeScratches);

function project() {
  const cwd = makeScratch();
  copyFileSync(join(root, "wrangler.toml"), join(cwd, "wrangler.toml"));
  const config = () => readFileSync(join(cwd, "wrangler.toml"), "utf8");
  const shards = (args: string, ...recording: Recorded[]) =>
    runRecorded({ script: "src/deploy/shards.ts", cwd, args: args.split(" "), recording });
  return { config, shards };
}
const bindings = (config: string) => [...config.matchAll(/^binding = "(DB\w*)"\ndatabase_name = "([^"]+)"/gm)].map(([, ...names]) => names);

describe("npm run shards -- add", { timeout: SLOW_MS }, () => {
  it("adds a database to wrangler.toml, creates and migrates it, and changes nothing else of the file", async () => {
    const { config, shards } = project();
    const before = config();
    const { status, printed, calls } = await shards("add", listing("leadedge"));
    expect([status, calls]).toEqual([0, [...ADDED, TYPES]]);
    expect(bindings(config())).toEqual([
      ["DB", "leadedge"],
      ["DB_1", "leadedge-1"],
    ]);
    const entry = '\n[[d1_databases]]\nbinding = "DB_1"\ndatabase_name = "leadedge-1"\nmigrations_dir = "migrations"\n';
    expect(config().replace(entry, "")).toBe(before);
    for (const told of ["shard 1", "npm run deploy", '{"shard": 1}']) expect(printed).toContain(told);
  });

  it("completes what broke off, without adding another database", async () => {
    const { config, shards } = project();
    const broken = await shards("add", listing("leadedge"), { command: "d1 create", status: 1 });
    expect([broken.status, broken.calls.at(-1)]).toEqual([1, ADDED[2]]);
    const repeated = await shards("add", listing("leadedge"));
    expect([repeated.status, repeated.calls]).toEqual([0, ["d1 list --json", ...ADDED, TYPES]]);
    expect(bindings(config())).toHaveLength(2);
  });

  it("adds the next when those of wrangler.toml exist; with --local no account is queried", async () => {
    const { config, shards } = project();
    expect((await shards("add --local")).calls).toEqual([TYPES]);
    expect(bindings(config())).toHaveLength(2);
    const another = await shards("add", listing("leadedge", "leadedge-1"));
    expect(another.calls).toContain("d1 create leadedge-2 --no-update-config");
    expect(bindings(config()).at(-1)).toEqual(["DB_2", "leadedge-2"]);
  });

  it("changes nothing by --dry-run, and names every step", async () => {
    const { config, shards } = project();
    const before = config();
    const { status, printed, calls } = await shards("add --dry-run");
    expect([status, calls, config()]).toEqual([0, [""], before]);
    for (const step of [...ADDED, "as DB_1", "Nothing was created or changed"]) expect(printed).toContain(step);
  });

  it.each(["add DB_7", "add --shard 3"])("explains itself when it is called with %j", async (args) => {
    const { config, shards } = project();
    const before = config();
    const { status, printed, calls } = await shards(args);
    expect([status, calls, config()]).toEqual([1, [""], before]);
    expect(printed).toContain("Usage: npm run shards -- add");
  });
});

describe("the databases of a configuration", () => {
  const DB = { binding: "DB", name: "leads" };

  it("get the first number that is free: the Worker finds them by counting", () => {
    const of = (...bindings: string[]) => nextShard([DB, ...bindings.map((binding) => ({ binding, name: binding }))]).binding;
    expect([of(), of("DB_1"), of("DB_2"), of("DB_1", "OTHER", "DB_2")]).toEqual(["DB_1", "DB_2", "DB_1", "DB_3"]);
  });

  it("are added after the last one, wherever it stands", () => {
    const added = withDatabase(
      '[[d1_databases]]\nbinding = "DB"\n\n[vars]\nA = "1"\n[[d1_databases]]\nbinding = "X" # last\n[observability]\n',
      DB,
    );
    expect(added.indexOf('binding = "X"')).toBeLessThan(added.indexOf('database_name = "leads"'));
    expect(added.indexOf('database_name = "leads"')).toBeLessThan(added.indexOf("[observability]"));
    expect(() => withDatabase("[vars]\n", DB)).toThrow("no [[d1_databases]]");
  });
});
