/** Where the database runs in the same process, awaiting it does not yield: work in many steps would keep other requests waiting to its end. */
export const yieldToEventLoop = (): Promise<void> => sleep(0);

export const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
