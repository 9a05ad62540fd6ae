#!/usr/bin/env node
// Plays the part of wrangler: returns what a recording says it printed for the same command, and writes down what it was called with.
import { appendFileSync, readFileSync } from "node:fs";

const { RECORDING, CALLS, WRANGLER_OUTPUT_FILE_PATH } = process.env;
const call = process.argv.slice(2).join(" ");
appendFileSync(CALLS, `${call}\n`);
const recorded = JSON.parse(readFileSync(RECORDING, "utf8")).find(({ command }) => call.startsWith(command));
process.stdout.write(recorded?.stdout ?? "");
if (recorded?.output && WRANGLER_OUTPUT_FILE_PATH) appendFileSync(WRANGLER_OUTPUT_FILE_PATH, `${JSON.stringify(recorded.output)}\n`);
process.exitCode = recorded?.status ?? 0;
