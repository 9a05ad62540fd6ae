/** What is said at a limit of OAuth grants: what to disconnect, or when to try again. */
import { DAILY_GRANTS_MAX, type GrantLimit, LIVING_GRANTS_MAX } from "../../db/grant-limits";
import { AppError } from "../../errors";
import { RateLimited } from "../../quotas";

const RETRY_AFTER_SECONDS = 3_600;
const DISCONNECT = "disconnect some under Settings, Connected programs";

/** Throws conflict or rate_limited; returns when no limit was reached. */
export function refuseAtLimit(limit: GrantLimit | null): void {
  switch (limit) {
    case "living_creator":
      throw new AppError("conflict", `You have let in ${LIVING_GRANTS_MAX.creator} programs to this org unit, the most: ${DISCONNECT}`);
    case "living_unit":
      throw new AppError("conflict", `${LIVING_GRANTS_MAX.unit} programs are connected to this org unit, the most: ${DISCONNECT}`);
    case "daily_creator":
      throw new RateLimited(`You let in at most ${DAILY_GRANTS_MAX.creator} programs a day to this org unit`, RETRY_AFTER_SECONDS);
    case "daily_unit":
      throw new RateLimited(`At most ${DAILY_GRANTS_MAX.unit} programs a day are let in to this org unit`, RETRY_AFTER_SECONDS);
    case null:
  }
}
