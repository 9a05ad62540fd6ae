/** Texts for Slack, Teams and email, made from the payload that webhooks receive. Pure. */
export type Payload = { type: string; timestamp: string; data: Record<string, unknown> };

const FACTS_MAX = 20;
const VALUE_CHARS_MAX = 300;

type Fact = { title: string; value: string };

/** `milestone.fired` of a trigger called Hot lead: `Milestone fired: Hot lead`. */
export function headline({ type, data }: Payload): string {
  const name = [data.trigger_name, data.name, data.channel_name].find((value) => typeof value === "string");
  const what = words(type);
  return name === undefined ? what : `${what}: ${cut(String(name))}`;
}

function facts({ timestamp, data }: Payload): Fact[] {
  const known = Object.entries(data).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const shown = known.slice(0, FACTS_MAX).map(([key, value]) => ({ title: words(key), value: textOf(value) }));
  return [...shown, { title: "Time", value: timestamp }];
}

const words = (key: string): string => {
  const text = key.replaceAll(/[._]+/g, " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
};
const textOf = (value: unknown): string => cut(typeof value === "string" ? value : JSON.stringify(value));
const cut = (text: string): string => (text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX - 1)}…` : text);

/** An incoming webhook's message; `& < >` are escaped, as Slack would read links and mentions in them. */
export function slackMessage(payload: Payload): { text: string } {
  const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const lines = facts(payload).map(({ title, value }) => `• ${escaped(title)}: ${escaped(value)}`);
  return { text: [`*${escaped(headline(payload))}*`, ...lines].join("\n") };
}

/** An Adaptive Card, the format that Teams workflows accept. */
export const teamsMessage = (payload: Payload): unknown => ({
  type: "message",
  attachments: [
    {
      contentType: "application/vnd.microsoft.card.adaptive",
      contentUrl: null,
      content: {
        $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
        type: "AdaptiveCard",
        version: "1.4",
        body: [
          { type: "TextBlock", text: headline(payload), weight: "Bolder", size: "Medium", wrap: true },
          { type: "FactSet", facts: facts(payload) },
        ],
      },
    },
  ],
});

export type EmailTexts = {
  subject_prefix?: string | undefined;
  subject?: string | undefined;
  preheader?: string | undefined;
  message?: string | undefined;
};

/** The message for the mail provider. A subject is one line. */
export function emailMessage(payload: Payload, to: string[], texts: EmailTexts): unknown {
  const subject = [texts.subject_prefix, texts.subject || headline(payload)].filter(Boolean).join(" ").replaceAll(/\s+/g, " ");
  const opening = [texts.message || headline(payload), ""];
  const lines = facts(payload).map(({ title, value }) => `${title}: ${value}`);
  return { to, subject, ...(texts.preheader ? { preheader: texts.preheader } : {}), text: [...opening, ...lines].join("\n") };
}
