/** An import's undo against the import itself. */
import { setTimeout as sleep } from "node:timers/promises";
import { call } from "./call.ts";
import type { Server } from "./servers.ts";

type Undo = { status: string; removed_count: number; restored_count: number };

/** Milliseconds from the call to the end of the undo of the newest import, seen every 100 ms. */
export async function undoNewest(server: Server): Promise<number> {
  const { jobs } = await call<{ jobs: { job_id: string }[] }>(server, "/leads/import/jobs?limit=1");
  const jobId = jobs[0]?.job_id;
  const startedAt = performance.now();
  await call(server, `/leads/import/jobs/${jobId}/undo`, { method: "POST" });
  for (;;) {
    const { undo } = await call<{ undo: Undo }>(server, `/leads/import/jobs/${jobId}`);
    if (undo.status === "failed") throw new Error("the undo failed");
    if (undo.status === "completed") return performance.now() - startedAt;
    await sleep(100);
  }
}
