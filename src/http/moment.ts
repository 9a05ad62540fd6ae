import { z } from "@hono/zod-openapi";
import { Instant } from "../schemas";
import { parseIsoTime } from "../time";

/** A time as a caller sends it: any offset, letters in either case. In ms inside. */
export const Moment = z
  .string("must be a time in RFC 3339 format")
  .transform(parseIsoTime)
  .refine((at) => !Number.isNaN(at), "must be a time in RFC 3339 format")
  .pipe(Instant)
  .openapi({ format: "date-time", example: "2026-01-15T10:00:00Z" });
