/**
 * Where a request comes from, as limits see it: an IPv4 address, or the first 64 bits of an IPv6 address, which is what one line or one
 * machine has (RFC 6177). An IPv4 address in IPv6 form (RFC 4291, section 2.5.5.2) is the IPv4 address.
 */
export function clientNetwork(address: string | undefined): string {
  const text = address?.trim().toLowerCase().split("%")[0] ?? "";
  if (!text.includes(":")) return text === "" ? "unknown" : text;
  const mapped = /^(?:0{0,4}:){2,5}ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  if (mapped) return mapped;
  const [head = "", tail] = text.split("::");
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const all = [...front, ...Array.from({ length: zeros }, () => "0"), ...back];
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`;
}

const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
