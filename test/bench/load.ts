/** A bounded load: so many requests over so many connections that are kept open. */
import { Agent, request } from "node:http";

export type Load = { perSecond: number; p50: number; p99: number };
export type Shot = { path: string; method?: string; body?: string };

export const CONNECTIONS = 16;
export const BASIC = `Basic ${Buffer.from("demo:demo-secret").toString("base64")}`;

/** Throws on the first answer of another status than `until.status`, or 200. */
export async function load(
  origin: string,
  shots: (n: number) => Shot,
  until: { requests: number; while?: () => boolean; status?: number },
): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const latencies: number[] = [];
  let next = 0;
  const startedAt = performance.now();
  const worker = async () => {
    while (next < until.requests && (until.while?.() ?? true)) {
      const shot = shots(next++);
      const sentAt = performance.now();
      await fire(agent, origin, shot, until.status ?? 200);
      latencies.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  agent.destroy();
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN;
  return { perSecond: latencies.length / seconds, p50: at(0.5), p99: at(0.99) };
}

function fire(agent: Agent, origin: string, { path, method = "GET", body }: Shot, status: number): Promise<void> {
  return new Promise((done, fail) => {
    const headers = {
      Authorization: BASIC,
      ...(body === undefined ? {} : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) }),
    };
    const sent = request(origin + path, { agent, method, headers }, (answer) => {
      answer.resume();
      answer.on("end", () => (answer.statusCode === status ? done() : fail(new Error(`${method} ${path} answered ${answer.statusCode}`))));
    });
    sent.on("error", fail);
    sent.end(body);
  });
}
