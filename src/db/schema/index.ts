export * from "./channels";
export * from "./events";
export * from "./imports";
export * from "./leads";
export * from "./notifications";
export * from "./organizations";
export * from "./scoring";
export * from "./triggers";
