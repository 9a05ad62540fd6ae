/** What is used of the library: loaded by `import()`, and without what nobody uses of it. */
export { createMcpHandler, ProtocolError, ProtocolErrorCode, Server } from "@modelcontextprotocol/server";
