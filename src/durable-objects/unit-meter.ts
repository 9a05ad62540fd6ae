/** One object for each org unit: what its isolates have used. Apart from `OrgUnit`, so that counting delays no session or window. */
import { DurableObject } from "cloudflare:workers";
import { RequestShares } from "./request-shares";

export class UnitMeter extends DurableObject<Env> {
  readonly #shares = new RequestShares();

  /** Requests per second that an isolate has seen; returns its share of the unit's rate. */
  shareOf(isolate: string, perSecond: number): number {
    return this.#shares.report(isolate, perSecond, Date.now());
  }
}
