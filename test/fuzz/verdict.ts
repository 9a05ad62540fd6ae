/** Whether an answer is one that the document promises: never a 5xx, a documented status, its media type, its schema, whole errors. */
import { type ApiDocument, type Operation, schemaProblem } from "./document";

export type Answer = { status: number; type: string; requestId: string | null; text: string };

export const readAnswer = async (response: Response): Promise<Answer> => ({
  status: response.status,
  type: response.headers.get("Content-Type")?.split(";")[0] ?? "",
  requestId: response.headers.get("X-Request-Id"),
  text: response.headers.get("Content-Type")?.startsWith("text/event-stream") ? await firstPiece(response) : await response.text(),
});

/** A stream of events lasts as long as what it follows: minutes. */
async function firstPiece(response: Response): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value);
}

/** What is wrong with the answer of an operation; empty when nothing is. */
export function complaintsOf(document: ApiDocument, operation: Operation, answer: Answer): string[] {
  if (answer.status >= 500) return [`${answer.status}`];
  if (answer.requestId === null) return ["no X-Request-Id"];
  const documented = operation.responses[String(answer.status)];
  if (!documented) return [`undocumented status ${answer.status}`];
  if (documented.content === null) return answer.text === "" ? [] : [`${answer.status} has a body, and none is documented`];
  const media = documented.content[answer.type];
  if (!media) return [`${answer.status} is ${answer.type}, documented: ${Object.keys(documented.content).join(", ")}`];
  if (!/[/+]json$/.test(answer.type)) return [];
  const body = parse(answer.text);
  if (body === undefined) return [`${answer.status} is not JSON`];
  const problem = media.schema ? schemaProblem(document, media.schema, body) : null;
  return [
    ...(problem === null ? [] : [`${answer.status} breaks its schema: ${problem}`]),
    ...errorComplaints(operation.path, answer, body),
  ];
}

/** An error on a path that no operation has: its shape is its dialect's. */
export const strayComplaints = (path: string, answer: Answer): string[] =>
  answer.status >= 500 ? [`${answer.status}`] : errorComplaints(path, answer, parse(answer.text));

/** Each dialect's error, whole: RFC 9457 problem JSON, the partner's `{error}`, the workspace's and Segment's `{success: false, …}`, RFC 6749's. */
function errorComplaints(path: string, { status, requestId }: Answer, body: unknown): string[] {
  if (status < 400) return [];
  const error = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const whole = /^\/(partner|functions\/v1\/keen-api)(\/|$)/.test(path)
    ? typeof error.error === "string"
    : /^\/api\/v1(\/|$)/.test(path)
      ? error.success === false && typeof error.code === "string" && error.requestId === requestId
      : path.startsWith("/v1/") && ![404, 405].includes(status)
        ? error.success === false && typeof error.message === "string"
        : path.startsWith("/oauth/") && "error" in error
          ? typeof error.error_description === "string"
          : error.status === status && typeof error.code === "string" && error.request_id === requestId;
  return whole ? [] : [`${status} is not in its dialect's shape: ${JSON.stringify(body)?.slice(0, 200)}`];
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
