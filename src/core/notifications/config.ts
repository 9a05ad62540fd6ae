/** What a channel of each type needs to know, as the caller writes it and as it is shown. */

import { z } from "zod";
import type { Settings } from "../../context";
import { AppError, type FieldProblem } from "../../errors";
import type { NotificationType } from "../../vocabulary";
import { refusal } from "./url";

const RECIPIENTS_MAX = 50;
const HEADER_CHARS_MAX = 2000;

const shortText = z.string("must be a text").trim().max(100, "must be at most 100 characters");
const longText = (chars: number) => z.string("must be a text").trim().max(chars, `must be at most ${chars} characters`);
const target = z.string("must be a URL such as https://example.com/hook").trim();
const Recipients = z
  .string("must be email addresses separated by commas")
  .transform((text) => addresses(text).join(", "))
  .refine((text) => addresses(text).length > 0 && addresses(text).every((address) => z.email().safeParse(address).success), {
    error: "must be email addresses separated by commas",
  })
  .refine((text) => addresses(text).length <= RECIPIENTS_MAX, { error: `must be at most ${RECIPIENTS_MAX} addresses` });

const CONFIGS = {
  webhook: z.object({
    url: target,
    auth_header: z
      .string("must be a text")
      .trim()
      .regex(/^[\x20-\x7e]+$/, "must be printable ASCII characters")
      .max(HEADER_CHARS_MAX, `must be at most ${HEADER_CHARS_MAX} characters`)
      .optional(),
  }),
  slack: z.object({ webhook_url: target, channel_id: shortText.optional(), channel_name: shortText.optional() }),
  teams: z.object({ webhook_url: target, channel_name: shortText.optional() }),
  email: z.object({
    recipients: Recipients,
    subject_prefix: shortText.optional(),
    subject: longText(200).optional(),
    preheader: longText(200).optional(),
    message: longText(5000).optional(),
  }),
} as const;

export type Config<Type extends NotificationType = NotificationType> = { [Each in Type]: z.infer<(typeof CONFIGS)[Each]> }[Type];

/** Recipients of an email channel, one by one. */
export const addresses = (recipients: string): string[] =>
  recipients
    .split(",")
    .map((address) => address.trim())
    .filter((address) => address !== "");

/** A config of this type, checked. Throws invalid_request with each wrong field at `config.…`. */
export function readConfig(type: NotificationType, sent: unknown, settings: Settings): Config {
  if (type === "email" && !settings.email) {
    throw new AppError("invalid_request", "Email channels need the setting EMAIL_WEBHOOK_URL, and this service has none", [
      { path: "type", message: "email needs the setting EMAIL_WEBHOOK_URL" },
    ]);
  }
  const read = CONFIGS[type].safeParse(sent);
  const problems = read.success ? urlProblems(read.data, settings) : read.error.issues.map((issue) => problemOf(issue, sent));
  if (read.success && problems.length === 0) return read.data;
  throw new AppError("invalid_request", problems.map(({ path, message }) => `${path}: ${message}`).join("; "), problems);
}

const problemOf = ({ path, message }: z.core.$ZodIssue, sent: unknown): FieldProblem => {
  const [field] = path.map(String);
  const missing = field !== undefined && !Object.hasOwn(Object(sent), field);
  return { path: ["config", ...path.map(String)].join("."), message: missing ? "is required" : message };
};

function urlProblems(config: Config, settings: Settings): FieldProblem[] {
  const field = "url" in config ? "url" : "webhook_url";
  const url = urlOf(config);
  const message = url === null ? null : refusal(url, settings.allowLoopbackWebhooks);
  return message === null ? [] : [{ path: `config.${field}`, message }];
}

/** Where a channel's deliveries go; null for email, which goes through the provider. */
export function urlOf(config: Config): string | null {
  if ("url" in config) return config.url;
  return "webhook_url" in config ? config.webhook_url : null;
}

const MASK = "********";

/** A config as answers show it. */
export const maskConfig = (config: Config): Config => ("url" in config && config.auth_header ? { ...config, auth_header: MASK } : config);

/**
 * A config that came back with its mask keeps the header that is stored, for as long as the URL stays at the same origin: else whoever
 * may edit a channel could have its header sent to a host of theirs.
 */
export function unmaskConfig(config: Config, stored: Config): Config {
  if (!("url" in config) || config.auth_header !== MASK) return config;
  const kept = "url" in stored && new URL(stored.url).origin === new URL(config.url).origin ? stored.auth_header : undefined;
  if (kept === undefined) {
    const problem = { path: "config.auth_header", message: "must be sent again when the URL moves to another origin" };
    throw new AppError("invalid_request", `${problem.path}: ${problem.message}`, [problem]);
  }
  return { ...config, auth_header: kept };
}

/** The config of a trigger's own email channel. Throws invalid_request at `emails` and the texts' own names. */
export function readEmailConfig(
  emails: readonly string[],
  texts: Omit<Config<"email">, "recipients">,
  settings: Settings,
): Config<"email"> {
  try {
    return readConfig("email", { recipients: emails.join(","), ...texts }, settings) as Config<"email">;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const problems = error.problems.map(({ path, message }) => ({ path: EMAIL_FIELDS[path] ?? path, message }));
    throw new AppError(error.code, problems.map(({ path, message }) => `${path}: ${message}`).join("; "), problems);
  }
}

const EMAIL_FIELDS: Record<string, string> = {
  type: "emails",
  "config.recipients": "emails",
  "config.subject": "email_subject",
  "config.preheader": "email_preheader",
  "config.message": "email_message",
};
