/** When a delivery is tried again, and when it is given up. */
import { describe, expect, it } from "vitest";
import { planOutcome } from "../../../src/core/notifications/plan-outcome";

const NOW = Date.parse("2026-01-15T10:00:00Z");
const answer = (status_code: number | null, retry_after: string | null = null) => ({
  status_code,
  retry_after,
  error: status_code !== null && status_code < 300 ? null : "failed",
});
const delay = (...[what, attempts = 1, random = 0]: [ReturnType<typeof answer>, number?, number?]) => {
  const outcome = planOutcome(what, attempts, random, NOW);
  return outcome.next === "retry" ? outcome.delaySeconds : outcome.next;
};

it("any 2xx is a delivery, 410 the receiver's end, all else comes back", () => {
  for (const status of [200, 201, 202, 204, 299]) expect(delay(answer(status))).toBe("delivered");
  expect(delay(answer(410))).toBe("gone");
  for (const status of [null, 301, 307, 400, 401, 404, 429, 500, 503]) expect(delay(answer(status))).toBe(5);
});

it("the schedule is the Standard Webhooks one, then the delivery has failed", () => {
  const delays = Array.from({ length: 10 }, (_, at) => delay(answer(500), at + 1));
  expect(delays).toEqual([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, "failed"]);
  expect(delay(answer(500), 11)).toBe("failed");
});

it("jitter takes away a tenth at most, so a delay is never longer than said", () => {
  expect(delay(answer(500), 9, 1)).toBe(77_760);
  expect(delay(answer(500), 2, 0.5)).toBe(285);
});

describe("Retry-After", () => {
  it("puts the next attempt off, in seconds or to a date", () => {
    expect(delay(answer(429, "120"))).toBe(120);
    expect(delay(answer(503, " 120 "))).toBe(120);
    expect(delay(answer(429, "Thu, 15 Jan 2026 10:10:00 GMT"))).toBe(600);
  });

  it("never brings it forward, and never puts it off for more than a day", () => {
    expect(delay(answer(429, "0"))).toBe(5);
    expect(delay(answer(429, "1"), 3)).toBe(1800);
    expect(delay(answer(429, "Thu, 15 Jan 2026 09:00:00 GMT"))).toBe(5);
    expect(delay(answer(503, "999999999"))).toBe(86_400);
    expect(delay(answer(503, "Thu, 15 Jan 2099 10:00:00 GMT"))).toBe(86_400);
  });

  it("counts for 429 and 503 only, and not when it is nonsense", () => {
    expect(delay(answer(500, "120"))).toBe(5);
    for (const nonsense of ["", "soon", "-5", "1e9", "12345678901234567890"])
      expect(delay(answer(429, nonsense)), nonsense).toBeLessThanOrEqual(86_400);
    expect(delay(answer(429, "soon"))).toBe(5);
  });

  it("does not keep a delivery alive past its last attempt", () => expect(delay(answer(429, "5"), 10)).toBe("failed"));
});
