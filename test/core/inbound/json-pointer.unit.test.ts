/** JSON pointers as RFC 6901 has them: its own examples, and what is no pointer. */
import { expect, it } from "vitest";
import { isPointer, pointerOf, valueAtPointer } from "../../../src/core/inbound/json-pointer";

const DOCUMENT = { foo: ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6, " ": 7, "m~n": 8 };

it.each([
  ["", DOCUMENT],
  ["/foo", ["bar", "baz"]],
  ["/foo/0", "bar"],
  ["/", 0],
  ["/a~1b", 1],
  ["/c%d", 2],
  ["/e^f", 3],
  ["/g|h", 4],
  ["/i\\j", 5],
  ['/k"l', 6],
  ["/ ", 7],
  ["/m~0n", 8],
])("%j names its value", (pointer, value) => {
  expect(isPointer(pointer)).toBe(true);
  expect(valueAtPointer(DOCUMENT, pointer)).toEqual(value);
});

it.each(["/foo/2", "/foo/01", "/foo/-", "/foo/length", "/toString", "/foo/0/x", "/~01"])("%j names nothing", (pointer) => {
  expect(valueAtPointer(DOCUMENT, pointer)).toBeUndefined();
});

it.each(["foo", "foo/bar", "/~", "/~2", "#/foo", "$.foo"])("%j is no pointer", (text) => {
  expect(isPointer(text)).toBe(false);
});

it("a path becomes its pointer and back", () => {
  expect(pointerOf("a/b", 0, "m~n")).toBe("/a~1b/0/m~0n");
  expect(valueAtPointer({ "a/b": [{ "m~n": 1 }] }, pointerOf("a/b", 0, "m~n"))).toBe(1);
});
