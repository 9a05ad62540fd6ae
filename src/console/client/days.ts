/** When each of the last days began where the reader is, today last: 23 or 25 hours apart where the clocks change. */
export function startsOfDays(count: number, now = new Date()): number[] {
  return Array.from({ length: count }, (_, at) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - (count - 1 - at)).getTime());
}
