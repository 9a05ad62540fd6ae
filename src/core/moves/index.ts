export { endMoves } from "./end-moves";
export type { Move, MoveWorld } from "./move";
export { runMove } from "./run-move";
export { MoveInput } from "./schemas";
export { findDueMoves, findMovingShards, requireMove, startMove } from "./start-move";
