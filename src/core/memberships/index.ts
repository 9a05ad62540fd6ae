export { erasesOf } from "./erases";
export { moveMemberships } from "./moves";
export { type SettledMemberships, settleMemberships } from "./settle-memberships";
export { selectUnitsWithWork } from "./store";
