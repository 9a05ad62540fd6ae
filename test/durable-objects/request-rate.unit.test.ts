/** Requests per second of a unit: a bucket in each isolate, and shares of the rate once the isolates together use more. */
import { describe, expect, it } from "vitest";
import { RequestShares } from "../../src/durable-objects/request-shares";
import { TokenBucket } from "../../src/durable-objects/token-bucket";

const START = 1_800_000_000_000;

describe("the bucket", () => {
  it("takes a second's worth at once, then keeps to the rate, and says when to come back", () => {
    const bucket = new TokenBucket();
    const burst = Array.from({ length: 11 }, () => bucket.take(10, START));
    expect(burst).toEqual([...Array.from({ length: 10 }, () => null), 0.1]);
    expect(bucket.take(10, START + 99)).toBeGreaterThan(0);
    expect(bucket.take(10, START + 100)).toBe(null);
    let passed = 0;
    for (let ms = 101; ms <= 10_100; ms++) if (bucket.take(10, START + ms) === null) passed += 1;
    expect(passed).toBe(100);
  });

  it("never saves up more than one second", () => {
    const bucket = new TokenBucket();
    bucket.take(5, START);
    const later = Array.from({ length: 8 }, () => bucket.take(5, START + 3_600_000));
    expect(later.filter((wait) => wait === null)).toHaveLength(5);
  });

  it("a share of less than one request a second still lets one pass", () => {
    const bucket = new TokenBucket();
    expect([bucket.take(0.5, START), bucket.take(0.5, START + 1000), bucket.take(0.5, START + 2000)]).toEqual([null, 1, null]);
  });

  it("a rate of 0 lets nothing pass", () => {
    expect(new TokenBucket().take(0, START)).toBe(60);
  });

  it("a clock that goes back gives nothing away", () => {
    const bucket = new TokenBucket();
    for (let n = 0; n < 3; n++) bucket.take(3, START);
    expect(bucket.take(3, START - 5_000)).not.toBe(null);
  });
});

describe("shares", () => {
  it("are in proportion to what each isolate was used", () => {
    const shares = new RequestShares();
    expect(shares.report("a", 300, START)).toBe(1);
    expect(shares.report("b", 100, START)).toBe(0.25);
    expect(shares.report("a", 300, START + 1000)).toBe(0.75);
  });

  it("forget an isolate that fell silent", () => {
    const shares = new RequestShares();
    shares.report("a", 300, START);
    expect(shares.report("b", 100, START + 5_000)).toBe(1);
  });
});
