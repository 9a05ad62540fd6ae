/** The lane of an org unit, as the event consumer calls it. */
export const unitLane = (env: Env, unit: number) => env.UNIT_LANES.getByName(String(unit));
