/** The Worker holds the console's browser side as a module: it is built before the tests, as wrangler builds it before it bundles. */
export default async function buildConsole(): Promise<void> {
  await import("../../src/console/build.ts");
}
