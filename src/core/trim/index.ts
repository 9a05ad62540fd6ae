export { OLD_ROWS } from "./old-rows";
export { removeOldRows } from "./remove-old-rows";
