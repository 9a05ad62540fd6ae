/** The parts of the library that are used; loaded by `import()`, so the bundle leaves out the rest. */
export { createMcpHandler, ProtocolError, ProtocolErrorCode, Server } from "@modelcontextprotocol/server";
