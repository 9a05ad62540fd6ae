export const exampleText = (example: unknown): string => (typeof example === "string" ? example : JSON.stringify(example, null, 2));
