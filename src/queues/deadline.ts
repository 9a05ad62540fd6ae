/** A moment until which the work of one invocation is waited for. */
export type Deadline = {
  /** ms */
  readonly at: number;
  isOver(): boolean;
  /** The work's result, or `otherwise` once the time is over. The work itself goes on. */
  orElse<Result>(work: Promise<Result>, otherwise: Result): Promise<Result>;
  /** Drops the timer, which else would keep the invocation alive. */
  close(): void;
};

export function openDeadline(waitMs: number): Deadline {
  let over = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = new Promise<void>((done) => {
    timer = setTimeout(() => {
      over = true;
      done();
    }, waitMs);
  });
  return {
    at: Date.now() + waitMs,
    isOver: () => over,
    orElse: (work, otherwise) => Promise.race([work, end.then(() => otherwise)]),
    close: () => clearTimeout(timer),
  };
}
