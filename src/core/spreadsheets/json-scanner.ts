/** Follows the structure of JSON text piece by piece, without making values of it. */

export type JsonEvents = {
  /** A bracket at `at` of the present piece. `depth` counts the brackets around it; `key` is the member that it is the value of. */
  open(bracket: "{" | "[", depth: number, key: string | null, at: number): void;
  close(depth: number, at: number): void;
  /** A string, number or literal begins. Names of members are not reported. */
  scalar(depth: number): void;
};

const KEY_CHARS_MAX = 256;

export class JsonScanner {
  line = 1;
  readonly #events: JsonEvents;
  /** The kinds of the open brackets. */
  readonly #stack: ("{" | "[")[] = [];
  #in_string = false;
  #escaped = false;
  #in_word = false;
  #string = "";
  #expects_value = true;
  #key: string | null = null;

  constructor(events: JsonEvents) {
    this.#events = events;
  }

  get depth(): number {
    return this.#stack.length;
  }

  /** False at the first bracket that closes what is not open. */
  feed(text: string): boolean {
    for (let at = 0; at < text.length; at++) {
      const character = text.charAt(at);
      if (character === "\n") this.line++;
      if (this.#in_string) this.#readString(character);
      else if (!this.#readStructure(character, at)) return false;
    }
    return true;
  }

  #readString(character: string): void {
    if (this.#escaped) this.#escaped = false;
    else if (character === "\\") this.#escaped = true;
    else if (character === '"') {
      this.#in_string = false;
      return;
    }
    if (this.#string.length < KEY_CHARS_MAX) this.#string += character;
  }

  #readStructure(character: string, at: number): boolean {
    switch (character) {
      case "{":
      case "[":
        this.#events.open(character, this.#stack.length, this.#key, at);
        this.#stack.push(character);
        this.#key = null;
        this.#expects_value = character === "[";
        this.#in_word = false;
        return true;
      case "}":
      case "]":
        if (this.#stack.pop() !== (character === "}" ? "{" : "[")) return false;
        this.#events.close(this.#stack.length, at);
        this.#in_word = false;
        return true;
      case ":":
        this.#key = this.#string;
        this.#expects_value = true;
        return true;
      case ",":
        this.#key = null;
        this.#expects_value = this.#stack.at(-1) !== "{";
        this.#in_word = false;
        return true;
      case '"':
        this.#in_string = true;
        this.#string = "";
        if (this.#expects_value) this.#events.scalar(this.#stack.length);
        return true;
      default:
        this.#readWord(character);
        return true;
    }
  }

  #readWord(character: string): void {
    const space = character <= " " || character === "\uFEFF";
    if (!space && !this.#in_word) this.#events.scalar(this.#stack.length);
    this.#in_word = !space;
  }
}
