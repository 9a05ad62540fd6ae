// Plays the part of the deployed service, for a process that is started with --import.
import { appendFileSync } from "node:fs";

const answers = JSON.parse(process.env.ANSWERS);
globalThis.fetch = async (url) => {
  appendFileSync(process.env.CALLS, `GET ${url}\n`);
  const [status, ...later] = answers[new URL(url).pathname] ?? [404];
  if (later.length > 0) answers[new URL(url).pathname] = later;
  return new Response("{}", { status });
};
