import { type EventMessage, isEventMessage } from "./messages";

const EVENTS_PER_COMMIT_MAX = 500;

/** Groups messages whose events go together: of one org unit, not too many events. Malformed messages and those that `isAlone` names are alone. */
export function groupByUnit(messages: readonly Message[], isAlone: (message: Message<EventMessage>) => boolean = () => false): Message[][] {
  const done: Message[][] = [];
  const open = new Map<number, { messages: Message[]; events: number }>();
  for (const message of messages) {
    if (!isEventMessage(message.body) || isAlone(message as Message<EventMessage>)) {
      done.push([message]);
      continue;
    }
    const { unit, events } = message.body;
    const group = open.get(unit);
    if (group && group.events + events.length <= EVENTS_PER_COMMIT_MAX) {
      group.messages.push(message);
      group.events += events.length;
    } else {
      if (group) done.push(group.messages);
      open.set(unit, { messages: [message], events: events.length });
    }
  }
  return [...done, ...[...open.values()].map((group) => group.messages)];
}
