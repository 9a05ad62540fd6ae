export * from "./imports";
export * from "./leads";
export * from "./organizations";
export * from "./webhooks";
