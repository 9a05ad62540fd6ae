import type { Router } from "../router";
import { ingestRoutes } from "./ingest";
import { rejectedEvents } from "./rejected-events";

/** All that is under /ingest. */
export const ingestFamily: readonly Router[] = [ingestRoutes, rejectedEvents];
