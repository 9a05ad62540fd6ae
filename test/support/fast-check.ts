/** fast-check with the seed of the run: the same cases every time, others with `FUZZ_SEED=<number>`. */
import fc from "fast-check";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    fuzzSeed: number;
  }
}

fc.configureGlobal({ seed: inject("fuzzSeed") });

export { fc };
