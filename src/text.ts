/** Length of a text in UTF-8. */
export const utf8Bytes = (text: string): number => (NOT_ASCII.test(text) ? encoder.encode(text).length : text.length);

const NOT_ASCII = /[^\0-\x7f]/;
const encoder = new TextEncoder();
