/**
 * Addresses that no source may lead to: link-local ones, where clouds answer with a machine's credentials (DESIGN section 9). An item list is written
 * by others, so its links could be a way to them. Names are judged by what they resolve to, at the moment of connecting.
 */
import type { LookupAddress, lookup as dnsLookup, LookupOptions } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/** IPv4 rules hold for IPv4-mapped IPv6 addresses too. */
const forbidden = new BlockList();
forbidden.addSubnet("169.254.0.0", 16, "ipv4"); // link-local: metadata of AWS, Azure, Google; ECS's and EKS's credentials
forbidden.addAddress("100.100.100.200", "ipv4"); // Alibaba's metadata
forbidden.addAddress("168.63.129.16", "ipv4"); // Azure's host
forbidden.addAddress("192.0.0.192", "ipv4"); // Oracle's metadata
forbidden.addSubnet("fe80::", 10, "ipv6"); // link-local
forbidden.addAddress("fd00:ec2::254", "ipv6"); // AWS's metadata
forbidden.addAddress("fd00:ec2::23", "ipv6"); // EKS's credentials
forbidden.addAddress("fd20:ce::254", "ipv6"); // Google's metadata
forbidden.addSubnet("64:ff9b::a9fe:0", 112, "ipv6"); // 169.254/16 through NAT64 (RFC 6052)

/** Whether an IP address, as text, is one of these. */
export function isForbiddenAddress(address: string): boolean {
  const bare = address.split("%")[0] ?? "";
  const family = isIP(bare);
  return family !== 0 && forbidden.check(bare, family === 4 ? "ipv4" : "ipv6");
}

/** Whether a URL names such an address itself. The parser has turned decimal, octal and hexadecimal forms into dotted ones. */
export function namesForbiddenAddress(url: URL): boolean {
  return isForbiddenAddress(url.hostname.replace(/^\[(.*)\]$/, "$1"));
}

/** `code` of the error that a connection to such an address ends with. */
export const FORBIDDEN_ADDRESS = "MAYFLY_FORBIDDEN_ADDRESS";

/** A `lookup` for `net.connect`: as dns.lookup, but an error where a name resolves to such an address. */
export function guardLookup(lookup: typeof dnsLookup): LookupFunction {
  return (hostname, options: LookupOptions, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const first = addresses?.[0];
      if (error || !first) return callback(error ?? new Error(`${hostname} has no address`), "", 0);
      if (addresses.some(({ address }) => isForbiddenAddress(address))) {
        return callback(Object.assign(new Error("resolves to a link-local address"), { code: FORBIDDEN_ADDRESS }), "", 0);
      }
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family);
    });
  };
}
