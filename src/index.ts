import { app } from "./app";
import { tick } from "./cron";
import { consume } from "./queues";

export { Installation } from "./durable-objects/installation";
export { Metrics } from "./durable-objects/metrics";
export { OrgUnit } from "./durable-objects/org-unit";
export { UnitLane } from "./durable-objects/unit-lane";
export { UnitMeter } from "./durable-objects/unit-meter";
export { Usage } from "./durable-objects/usage";

export default {
  fetch: app.fetch,
  queue: consume,
  scheduled: tick,
} satisfies ExportedHandler<Env>;
