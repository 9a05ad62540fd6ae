/** A channel's config as it is sent, stored and shown. */

import type { z } from "zod";
import type { Settings } from "../../context";
import type { FieldProblem } from "../../errors";
import { invalidRequest } from "../../validation";
import type { NotificationType } from "../../vocabulary";
import { CONFIGS } from "./schemas";
import { refusal } from "./url";

export type Config<Type extends NotificationType = NotificationType> = { [Each in Type]: z.infer<(typeof CONFIGS)[Each]> }[Type];

/** Where the caller wrote a field of the config; `type`: where it chose the channel's type. */
export type PathOf = (field: string) => string;
const inConfig: PathOf = (field) => (field === "type" ? "type" : ["config", field].filter((part) => part !== "").join("."));

/** A config of this type, validated. Throws invalid_request with a problem for each invalid field, at its `pathOf`. */
export function readConfig<Type extends NotificationType>(
  type: Type,
  sent: unknown,
  settings: Settings,
  pathOf: PathOf = inConfig,
): Config<Type> {
  if (type === "email" && !settings.email) {
    throw invalidRequest([{ path: pathOf("type"), message: "email needs the setting EMAIL_WEBHOOK_URL" }]);
  }
  const read = CONFIGS[type].safeParse(sent);
  const problems = read.success ? urlProblems(read.data, settings) : read.error.issues.map((issue) => problemOf(issue, sent));
  if (!read.success || problems.length > 0) throw invalidRequest(problems.map(({ path, message }) => ({ path: pathOf(path), message })));
  return read.data as Config<Type>;
}

const problemOf = ({ path, message }: z.core.$ZodIssue, sent: unknown): FieldProblem => {
  const [field] = path.map(String);
  const missing = field !== undefined && !Object.hasOwn(Object(sent), field);
  return { path: path.map(String).join("."), message: missing ? "is required" : message };
};

function urlProblems(config: Config, settings: Settings): FieldProblem[] {
  const url = urlOf(config);
  const message = url === null ? null : refusal(url, settings);
  return message === null ? [] : [{ path: "url" in config ? "url" : "webhook_url", message }];
}

/** The URL that a channel's deliveries are sent to; null for email, which goes through the provider. */
function urlOf(config: Config): string | null {
  if ("url" in config) return config.url;
  return "webhook_url" in config ? config.webhook_url : null;
}

const MASK = "********";

/** A webhook's URL without its path and query, which can hold its secret: Slack's and Teams' do. */
export const maskUrl = (url: string): string => `${new URL(url).origin}/${MASK}`;

/** A config as a viewer sees it: without what a message could be sent with. */
export function maskConfigForViewer(config: Config): Config {
  if ("webhook_url" in config) return { ...config, webhook_url: maskUrl(config.webhook_url) };
  return "url" in config ? { ...maskConfig(config), url: maskUrl(config.url) } : config;
}

/** A config as editors see it. */
export const maskConfig = (config: Config): Config => ("url" in config && config.auth_header ? { ...config, auth_header: MASK } : config);

/**
 * A config that is sent back with its mask keeps the stored header, as long as the URL stays at the same origin: otherwise whoever may
 * edit a channel could have its header sent to a host of their own.
 */
export function unmaskConfig(config: Config, stored: Config): Config {
  if (!("url" in config) || config.auth_header !== MASK) return config;
  const kept = "url" in stored && new URL(stored.url).origin === new URL(config.url).origin ? stored.auth_header : undefined;
  if (kept === undefined) {
    throw invalidRequest([{ path: inConfig("auth_header"), message: "must be sent again when the URL moves to another origin" }]);
  }
  return { ...config, auth_header: kept };
}
