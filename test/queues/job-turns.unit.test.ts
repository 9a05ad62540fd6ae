/** Jobs of a unit take turns, so that a unit with many of them keeps nobody waiting. */
import { describe, expect, it } from "vitest";
import { JobTurns } from "../../src/queues/job-turns";

type Job = { unit: number; job_id: string };
const jobs = (unit: number, count: number): Job[] => Array.from({ length: count }, (_, n) => ({ unit, job_id: `u${unit}-${n}` }));

describe("turns", () => {
  const [a, b, c, d] = jobs(1, 4) as [Job, Job, Job, Job];

  it("two run at once; the others follow in their order, and a job that has more to do goes to the end", () => {
    const turns = new JobTurns<Job>();
    expect([a, b, c, d].map((job) => turns.begin(job, 0))).toEqual([true, true, false, false]);
    expect(turns.end(a, true)).toEqual(c);
    expect(turns.begin(c, 0)).toBe(true);
    expect(turns.end(b, false)).toEqual(d);
    expect(turns.begin(d, 0)).toBe(true);
    expect(turns.end(c, false)).toEqual(a);
  });

  it("a job alone is sent again at once, and a second message of a waiting job does not wait twice", () => {
    const turns = new JobTurns<Job>();
    turns.begin(a, 0);
    expect(turns.end(a, true)).toEqual(a);
    turns.begin(a, 0);
    turns.begin(b, 0);
    turns.begin(c, 0);
    turns.begin(c, 0);
    expect([turns.end(a, false), turns.end(b, false)]).toEqual([c, null]);
  });

  it("a run that died gives its turn back", () => {
    const turns = new JobTurns<Job>();
    expect([turns.begin(a, 0), turns.begin(b, 0), turns.begin(c, 60_000)]).toEqual([true, true, false]);
    expect(turns.begin(c, 90_001)).toBe(true);
  });
});

/** The queue with its five consumers, without a clock: each step one message is delivered, and every run takes `steps` steps. */
function deliver(messages: Job[], runsOf: (job: Job) => number, fair: boolean, steps = 20): Map<string, number> {
  const lanes = new Map<number, JobTurns<Job>>();
  const left = new Map(messages.map((job) => [job.job_id, runsOf(job)]));
  const begun = new Map<string, number>();
  const running: { job: Job; endsAt: number }[] = [];
  const queue = [...messages];
  for (let step = 0; queue.length + running.length > 0; step++) {
    for (const run of running.splice(0)) {
      if (run.endsAt > step) {
        running.push(run);
        continue;
      }
      const more = (left.get(run.job.job_id) ?? 0) > 0;
      const next = fair ? lanes.get(run.job.unit)?.end(run.job, more) : more ? run.job : null;
      if (next) queue.push(next);
    }
    while (running.length < 5 && queue.length > 0) {
      const job = queue.shift() as Job;
      const lane = lanes.get(job.unit) ?? new JobTurns<Job>();
      lanes.set(job.unit, lane);
      if (fair && !lane.begin(job, 0)) continue;
      if (!begun.has(job.job_id)) begun.set(job.job_id, step);
      left.set(job.job_id, (left.get(job.job_id) ?? 0) - 1);
      running.push({ job, endsAt: step + steps });
    }
  }
  return begun;
}

it("of five consumers, a unit with 100 long imports takes two: another's import begins at once, not after 20 runs", () => {
  const rival: Job = { unit: 2, job_id: "rival" };
  const messages = [...jobs(1, 100), rival];
  const runs = (job: Job) => (job === rival ? 1 : 5);
  expect(deliver(messages, runs, false).get("rival")).toBe(20 * 20);
  const begun = deliver(messages, runs, true);
  expect(begun.get("rival")).toBe(0);
  expect(begun.size).toBe(101);
});
