import type { Ctx } from "../../context";
import { AppError } from "../../errors";
import { invalidRequest } from "../../validation";
import { requireSegment } from "../segments";
import type { Condition } from "./trigger";

/** One D1 round trip for a trigger of a segment, none for others. Throws invalid_request at `segment_id` when the unit has no such segment. */
export async function requireWatchable(ctx: Ctx, condition: Condition): Promise<void> {
  if (condition.kind !== "segment") return;
  try {
    const { subject } = await requireSegment(ctx, condition.segment_id);
    if (subject !== "leads") throw invalidRequest([{ path: "segment_id", message: "must be a segment of leads" }]);
  } catch (error) {
    if (!(error instanceof AppError && error.code === "not_found")) throw error;
    throw invalidRequest([{ path: "segment_id", message: "must be the id of a segment of the org unit" }]);
  }
}
