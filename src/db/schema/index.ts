export * from "./channels";
export * from "./events";
export * from "./imports";
export * from "./leads";
export * from "./organizations";
export * from "./scoring";
export * from "./triggers";
export * from "./webhooks";
