/** Where a browser may be sent back to. */
import { describe, expect, it } from "vitest";
import { isRegistered, redirectHost, redirectUriProblem, withParameters } from "../../../src/core/authorization/redirect-uri";

describe("a client may have a redirect URI", () => {
  it.each([
    "https://app.example.com/callback",
    "https://app.example.com/callback?kept=1",
    "http://127.0.0.1/callback",
    "http://127.0.0.1:3000/callback",
    "http://[::1]:3000/callback",
    "http://localhost:3000",
    "com.example.app:/callback",
    "cursor://anysphere.cursor-mcp/oauth/callback",
    "vscode://vscode.github-authentication/did-authenticate",
  ])("%s", (uri) => {
    expect(redirectUriProblem(uri)).toBeNull();
  });
});

describe("no client may have the redirect URI", () => {
  it.each([
    "",
    "callback",
    "/callback",
    "http://app.example.com/callback",
    "http://127.0.0.1.example.com/callback",
    "http://localhost.example.com/",
    "https://app.example.com/callback#part",
    "https://app.example.com/callback#",
    "https://user@app.example.com/",
    "https://user:secret@app.example.com/",
    "javascript:alert(1)//",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "blob:https://app.example.com/x",
    "about:blank",
    "view-source:https://app.example.com/",
    "intent://x#Intent;end",
    "ftp://app.example.com/",
    "ws://127.0.0.1/",
    "https:\\\\app.example.com/",
    " https://app.example.com/",
    `https://app.example.com/${"x".repeat(500)}`,
  ])("%s", (uri) => {
    expect(redirectUriProblem(uri)).not.toBeNull();
  });
});

describe("a request's redirect URI", () => {
  const registered = [
    "https://app.example.com/callback",
    "http://127.0.0.1:3000/callback",
    "http://localhost/cb?x=1",
    "com.example.app:/cb",
  ];

  it.each([
    "https://app.example.com/callback",
    "http://127.0.0.1:3000/callback",
    "http://127.0.0.1:51004/callback",
    "http://127.0.0.1/callback",
    "http://localhost:8080/cb?x=1",
    "com.example.app:/cb",
  ])("is the client's: %s", (uri) => {
    expect(isRegistered(registered, uri)).toBe(true);
  });

  it.each([
    "https://app.example.com/callback/",
    "https://app.example.com/callback?x=1",
    "https://app.example.com:8443/callback",
    "https://APP.example.com/callback",
    "https://app.example.com/%63allback",
    "https://app.example.com/callback/../evil",
    "https://evil.example.com/callback",
    "http://127.0.0.1:3000/other",
    "http://127.0.0.1:3000/callback#x",
    "http://127.0.0.1:3000@evil.example.com/callback",
    "http://user:3000@127.0.0.1:3000/callback",
    "http://localhost:3000/callback",
    "http://[::1]:3000/callback",
    "https://127.0.0.1:3000/callback",
    "http://localhost:8080/cb",
    "http://localhost:8080/cb?x=1:8080",
    "com.example.app:/cb2",
  ])("is not the client's: %s", (uri) => {
    expect(isRegistered(registered, uri)).toBe(false);
  });
});

it("a response's parameters are added to the URI, whose own query stays to the letter", () => {
  expect(withParameters("http://127.0.0.1:1/cb", { code: "a b&c", state: null, iss: "https://x" })).toBe(
    "http://127.0.0.1:1/cb?code=a+b%26c&iss=https%3A%2F%2Fx",
  );
  expect(withParameters("https://x.example/cb?own=%20a", { code: "1" })).toBe("https://x.example/cb?own=%20a&code=1");
  expect(withParameters("com.example.app:/cb", { code: "1" })).toBe("com.example.app:/cb?code=1");
});

it("people are shown a host, or that the program is on their own device", () => {
  expect(redirectHost("https://app.example.com:8443/cb")).toBe("app.example.com:8443");
  expect(redirectHost("http://127.0.0.1:3000/cb")).toBeNull();
  expect(redirectHost("com.example.app:/cb")).toBeNull();
});
