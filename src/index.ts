import { app } from "./app";

export { Installation } from "./durable-objects/installation";
export { Metrics } from "./durable-objects/metrics";
export { OrgUnit } from "./durable-objects/org-unit";
export { UnitLane } from "./durable-objects/unit-lane";
export { UnitMeter } from "./durable-objects/unit-meter";
export { Usage } from "./durable-objects/usage";

export default {
  fetch: app.fetch,
  queue: async (batch, env, context) => (await import("./queues")).consume(batch, env, context),
  scheduled: async (controller, env) => (await import("./cron")).tick(controller, env),
} satisfies ExportedHandler<Env>;
