/** What the page "Overview" shows. */
import { OverviewInput, readOverview } from "../../../core/overview";
import { read } from "../call";

export const overviewCalls = {
  "overview.read": read(OverviewInput, (ctx, given) => readOverview(ctx, given)),
};
