/** The Worker holds the console's browser side and the guides as modules: they are built before the tests, as wrangler builds them before it bundles. */
export default async function buildModules(): Promise<void> {
  await import("../../src/console/build.ts");
  await import("../../src/http/docs/build.ts");
}
