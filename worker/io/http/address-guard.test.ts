import type { lookup } from "node:dns";
import { describe, expect, it } from "vitest";
import { FORBIDDEN_ADDRESS, guardLookup, isForbiddenAddress, namesForbiddenAddress } from "./address-guard.ts";

describe("a link-local address is known", () => {
  it.each([
    "http://169.254.169.254/latest/meta-data",
    "http://2852039166/", // decimal
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/", // octal
    "http://169.254.43518/",
    "http://[::ffff:169.254.169.254]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[fe80::1]/",
    "http://[febf::1]/",
    "http://[fd00:ec2::254]/",
    "http://169.254.170.2/v2/credentials",
    "http://100.100.100.200/",
    "http://169。254。169。254/",
  ])("%s", (url) => {
    expect(namesForbiddenAddress(new URL(url))).toBe(true);
  });

  it("with a zone", () => {
    expect(isForbiddenAddress("fe80::1%eth0")).toBe(true);
  });
});

describe("others are not", () => {
  it.each([
    "http://127.0.0.1/",
    "http://[::1]/",
    "https://169.255.0.1/",
    "http://10.0.0.1/",
    "https://169.254.example.org/",
    "http://[fec0::1]/",
  ])("%s", (url) => {
    expect(namesForbiddenAddress(new URL(url))).toBe(false);
  });
});

describe("a name is judged by what it resolves to", () => {
  const resolvesTo = (...addresses: readonly string[]) =>
    guardLookup(((_: string, __: object, callback: (error: null, found: object[]) => void) => {
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      );
    }) as unknown as typeof lookup); // the one of its forms that is called

  function look(addresses: readonly string[], all: boolean): readonly unknown[] {
    let seen: readonly unknown[] = [];
    resolvesTo(...addresses)("h.org", { all }, (...given) => (seen = given));
    return seen;
  }

  it.each([[["169.254.169.254"]], [["10.0.0.1", "fe80::1"]], [["::ffff:169.254.1.1"]]])("%j is refused", (addresses) => {
    expect(look(addresses, true)[0]).toMatchObject({ code: FORBIDDEN_ADDRESS });
  });

  it("others pass, all or the first", () => {
    expect(look(["10.0.0.1", "::1"], true)).toEqual([
      null,
      [
        { address: "10.0.0.1", family: 4 },
        { address: "::1", family: 6 },
      ],
    ]);
    expect(look(["10.0.0.1", "::1"], false)).toEqual([null, "10.0.0.1", 4]);
  });
});
