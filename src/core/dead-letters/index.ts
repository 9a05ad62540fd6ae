export { type DeadLetter, listDeadLetters, type ReplayTarget, replayDeadLetter } from "./dead-letters";
