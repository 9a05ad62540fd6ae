/**
 * Bodies as no library sends them, at a running service on this machine: what is refused or left unread breaks no connection, neither the
 * sender's nor, behind the proxy that `npm start` puts before the Worker, anybody else's.
 */
import assert from "node:assert/strict";
import { connect } from "node:net";

const port = Number(process.argv[2]);
const credentials = `Authorization: Basic ${Buffer.from("demo:demo-secret").toString("base64")}`;
const PIECE = Buffer.alloc(64 * 1024, "x");
const ANSWERED_WITHIN_MS = 15_000;

/** Sends a chunked body in pieces; `ended`: whether its last chunk follows. Returns the status. */
function send(method: string, path: string, pieces: number, ended = true): Promise<number> {
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = connect(port, "127.0.0.1");
    const late = setTimeout(() => socket.destroy(new Error(`${method} ${path}: no response to ${pieces} pieces`)), ANSWERED_WITHIN_MS);
    socket.on("data", (data) => {
      received += data;
      if (received.includes("\r\n\r\n")) socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => {
      clearTimeout(late);
      resolve(Number(received.split(" ")[1]));
    });
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n${credentials}\r\n`);
    socket.write("Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (let piece = 0; piece < pieces; piece++) {
      socket.write(`${PIECE.length.toString(16)}\r\n`);
      socket.write(PIECE);
      socket.write("\r\n");
    }
    if (ended) socket.write("0\r\n\r\n");
  });
}

async function expectOthersUnharmed(): Promise<void> {
  for (let request = 0; request < 4; request++) {
    const response = await fetch(`http://127.0.0.1:${port}/health`);
    assert.equal(response.status, 200, await response.text());
  }
}

for (let round = 0; round < 3; round++) {
  for (const [method, path, pieces, status] of [
    ["POST", "/profile-fields", 8, 413],
    ["POST", "/profile-fields", 100, 413],
    ["POST", "/oauth/token", 8, 413],
    ["POST", "/no-such-path", 16, 404],
    ["GET", "/profile-fields", 2, 200],
  ] as const) {
    assert.equal(await send(method, path, pieces), status, `${method} ${path} with ${pieces} pieces`);
    await expectOthersUnharmed();
  }
}
assert.equal(await send("GET", "/profile-fields", 1, false), 200, "a GET whose body never ends");
// a sender that is cut off may see its own connection break
assert.ok([413, 500].includes(await send("POST", "/profile-fields", 4, false)), "a POST over the limit that never ends");
await expectOthersUnharmed();
console.log("ok: bodies that are refused or left unread break no connection");
