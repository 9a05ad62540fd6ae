/** Carries out steps with wrangler, or describes them. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { unstable_readConfig } from "wrangler";
import { configOfEnvironment, type Names, type Step } from "./steps.ts";

export const CONFIG = "wrangler.toml";

/** Written beside wrangler.toml, whose paths it shares. Returns its name. */
export function writeConfigOf(environment: string): string {
  const file = `.wrangler.${environment}.toml`;
  try {
    writeFileSync(file, configOfEnvironment(readFileSync(CONFIG, "utf8"), environment));
  } catch (error) {
    fail((error as Error).message);
  }
  return file;
}

/** The arguments that make wrangler use this configuration. */
export const configArguments = (file: string): string[] => (file === CONFIG ? [] : ["--config", file]);

type Database = { binding: string; database_name?: string };

export function namesIn(file: string): Names {
  const { name, d1_databases, r2_buckets } = unstable_readConfig({ config: file });
  return {
    worker: name ?? "",
    databases: d1_databases.map((database: Database) => ({ binding: database.binding, name: database.database_name ?? database.binding })),
    bucket: r2_buckets[0]?.bucket_name ?? "",
  };
}

export function describe({ command, unless }: Step): void {
  if (unless) console.log(`    unless it is in: wrangler ${unless.command.join(" ")}`);
  if (command) console.log(`    wrangler ${command.join(" ")}`);
}

/** What wrangler prints for a query; null when it fails. */
export function queryWrangler(command: readonly string[]): string | null {
  const { status, stdout } = spawnSync("wrangler", command, { encoding: "utf8", stdio: ["inherit", "pipe", "inherit"] });
  return status === 0 ? stdout : null;
}

/** Ends the process when the step fails. `again`: the command that continues then. `outputFile`: where wrangler writes what it has done. */
export function carryOut({ command, unless }: Step, { again, outputFile }: { again: string; outputFile?: string }): void {
  if (!command) return;
  const output = unless ? queryWrangler(unless.command) : null;
  if (unless && output !== null && unless.isDone(output)) {
    console.log("    done already");
    return;
  }
  const environment = { ...process.env, ...(outputFile && { WRANGLER_OUTPUT_FILE_PATH: outputFile }) };
  const { status } = spawnSync("wrangler", command, { stdio: "inherit", env: environment });
  if (status === 0) return;
  if (command[0] === "whoami") fail("Log in first: npx wrangler login");
  fail(`wrangler ${command.join(" ")} failed: mend what it says, then run ${again} again; it continues where it stopped`);
}

export function fail(reason: string): never {
  console.error(`\n${reason}`);
  process.exit(1);
}
