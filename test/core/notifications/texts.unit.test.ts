/** What people read is made from the payload that webhooks get, and a lead's words cannot pass for the channel's markup. */
import { describe, expect, it } from "vitest";
import { emailMessage, headline, slackMessage, teamsMessage } from "../../../src/core/notifications/texts";

const payload = {
  type: "milestone.fired",
  timestamp: "2026-01-15T10:00:00.000Z",
  data: { trigger_name: "Hot lead", lead_id: "ld_1", score: 50, note: null, lead: { email: "a@example.com" } },
};

it("the headline says what happened, and of what", () => {
  expect(headline(payload)).toBe("Milestone fired: Hot lead");
  expect(headline({ ...payload, data: {} })).toBe("Milestone fired");
});

describe("Slack", () => {
  it("gets a line for each thing that is known", () => {
    expect(slackMessage(payload).text.split("\n")).toEqual([
      "*Milestone fired: Hot lead*",
      "• Trigger name: Hot lead",
      "• Lead id: ld_1",
      "• Score: 50",
      '• Lead: {"email":"a@example.com"}',
      "• Time: 2026-01-15T10:00:00.000Z",
    ]);
  });

  it("gets no link or mention out of a lead's words", () => {
    const { text } = slackMessage({ ...payload, data: { trigger_name: "<!channel> & <https://evil.example|x>" } });
    expect(text).not.toMatch(/[<>]/);
    expect(text).toContain("&lt;!channel&gt; &amp; ");
  });
});

it("Teams gets an Adaptive Card", () => {
  expect(teamsMessage(payload)).toMatchObject({
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        content: {
          type: "AdaptiveCard",
          body: [
            { type: "TextBlock", text: "Milestone fired: Hot lead" },
            { type: "FactSet", facts: expect.arrayContaining([{ title: "Score", value: "50" }]) },
          ],
        },
      },
    ],
  });
});

describe("mail", () => {
  it("has its recipients one by one, a subject and a text", () => {
    expect(emailMessage(payload, ["a@example.com", "b@example.com"], { subject_prefix: "[Leads]" })).toEqual({
      to: ["a@example.com", "b@example.com"],
      subject: "[Leads] Milestone fired: Hot lead",
      text: expect.stringContaining("\nScore: 50\n"),
    });
  });

  it("has a subject of one line, whatever a trigger is called", () => {
    const { subject } = emailMessage({ ...payload, data: { name: "a\r\nBcc: evil@example.com" } }, [], {}) as { subject: string };
    expect(subject).toBe("Milestone fired: a Bcc: evil@example.com");
  });
});

it("a message stays readable and small, however much the data holds", () => {
  const data = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`key_${at}`, "x".repeat(5000)]));
  for (const message of [
    slackMessage({ ...payload, data }),
    teamsMessage({ ...payload, data }),
    emailMessage({ ...payload, data }, [], {}),
  ]) {
    expect(JSON.stringify(message).length).toBeLessThan(20_000);
  }
});
