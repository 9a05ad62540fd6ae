export type { Correction } from "./correction";
export { reconcileCounts } from "./reconcile-counts";
