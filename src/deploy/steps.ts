/** What a deployment does, in order. Pure: `deploy.ts` carries it out. */

export type Names = {
  /** the Worker's name */
  worker: string;
  databases: readonly { binding: string; name: string }[];
  bucket: string;
};

export type Step = {
  /** what it achieves, as a sentence without its end */
  purpose: string;
  /** arguments of wrangler; without any the step is no command of wrangler's */
  command?: readonly string[];
  /** a query whose output says that the step has been done already */
  unless?: { command: readonly string[]; isDone: (output: string) => boolean };
};

/** R2 expires uploads after this time, in case the cron job never ran. Never the whole bucket: `spill/` holds events that wait for D1. */
const UPLOADS_EXPIRE_DAYS = "30";
const LIFECYCLE_RULE = "imports";

/** Logs in, creates the databases that are missing, and migrates all of them. `config`: arguments that name another configuration file. */
export function databaseSteps(databases: Names["databases"], config: readonly string[]): Step[] {
  const wrangler = (...words: string[]) => [...words, ...config];
  return [
    { purpose: "Check that wrangler is logged in", command: wrangler("whoami") },
    ...databases.map(({ name }) => ({
      purpose: `Create the database ${name}`,
      command: wrangler("d1", "create", name, "--no-update-config"),
      unless: { command: wrangler("d1", "list", "--json"), isDone: (output: string) => listsDatabase(output, name) },
    })),
    ...databases.map(({ binding, name }) => ({
      purpose: `Apply the migrations to ${name}`,
      command: wrangler("d1", "migrations", "apply", binding, "--remote"),
    })),
  ];
}

/** `config`: as above. `deployArguments`: the caller's own, for wrangler deploy. */
export function deploymentSteps({ databases, bucket }: Names, config: readonly string[], deployArguments: readonly string[]): Step[] {
  const wrangler = (...words: string[]) => [...words, ...config];
  return [
    ...databaseSteps(databases, config),
    {
      purpose: "Deploy the Worker; the first time wrangler creates its bucket and queues",
      command: wrangler("deploy", ...deployArguments),
    },
    {
      purpose: `Let R2 delete uploads in ${bucket} after ${UPLOADS_EXPIRE_DAYS} days`,
      command: wrangler(
        "r2",
        "bucket",
        "lifecycle",
        "add",
        bucket,
        LIFECYCLE_RULE,
        "imports/",
        "--expire-days",
        UPLOADS_EXPIRE_DAYS,
        "--force",
      ),
      unless: {
        command: wrangler("r2", "bucket", "lifecycle", "list", bucket),
        isDone: (output) => new RegExp(`^name:\\s+${LIFECYCLE_RULE}\\s*$`, "m").test(output),
      },
    },
    { purpose: "Check that /health/ready returns 200" },
  ];
}

/** `output`: of `wrangler d1 list --json`, which may print notices before the list. */
export function listsDatabase(output: string, name: string): boolean {
  const start = output.search(/^\[/m);
  const databases: unknown = start < 0 ? [] : JSON.parse(output.slice(start));
  return Array.isArray(databases) && databases.some((database) => database?.name === name);
}

const ENVIRONMENT = /^[a-z][a-z0-9]{0,19}$/;

/** The configuration of an environment beside production: `leadedge` becomes `leadedge-staging` in every name. Throws for an unusable name. */
export function configOfEnvironment(config: string, environment: string): string {
  if (!ENVIRONMENT.test(environment)) {
    throw new Error(`--env must be a word of at most 20 lower-case letters and digits (got ${JSON.stringify(environment)})`);
  }
  return config.replace(/^(\s*(?:name|database_name|bucket_name|queue|dead_letter_queue)\s*=\s*")leadedge/gm, `$1leadedge-${environment}`);
}

/** As wrangler lists what a Worker is reached by, among its queues and schedules: a URL, or a custom domain. */
const HOST = /^(?:https:\/\/)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?:\/?$| \(custom domain)/i;

/** Where a deployment is reached, from the JSON lines that wrangler writes to WRANGLER_OUTPUT_FILE_PATH; null: nowhere. */
export function originOf(output: string): string | null {
  const entries = output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { type?: string; targets?: string[] });
  const targets = entries.flatMap(({ type, targets }) => (type === "deploy" ? (targets ?? []) : []));
  const host = targets.map((target) => HOST.exec(target)?.[1]).find((found) => found !== undefined);
  return host ? `https://${host}` : null;
}
