import { lookup as resolve } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { isMetadataAddress } from '#infra/metadata-address.ts';

/** Networks that a person who enters an address must not make this server speak to, unless its keeper allows it. */
const innerNetworks: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 3, 'ipv4'],
  ['::', 128, 'ipv6'],
  ['::1', 128, 'ipv6'],
  // Addresses that carry an IPv4 address inside.
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['2001::', 23, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];

/** Says which address of a host may be spoken to. */
export interface AddressGuard {
  /**
   * Looks a host up once and gives the address to connect to, so that what was judged is what is reached.
   * @throws AddressRefused when every address of it is one of an inner network
   */
  addressOf(host: string): Promise<{ readonly address: string; readonly family: 4 | 6 }>;
}

/** The sentence tells what to set. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

export type Resolver = (
  host: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>;

const systemResolver: Resolver = (host) => resolve(host, { all: true, verbatim: true });

/** @param allowed addresses or networks (`10.1.0.0/16`) that may be reached although they are inner ones */
export function createAddressGuard(
  allowed: readonly string[],
  resolver: Resolver = systemResolver,
): AddressGuard {
  const inner = new BlockList();
  for (const [network, prefix, family] of innerNetworks) inner.addSubnet(network, prefix, family);
  const open = listOf(allowed);
  const isGood = ({ address, family }: { address: string; family: number }) => {
    const type = family === 6 ? 'ipv6' : 'ipv4';
    // Not even where a network around it is allowed.
    if (isMetadataAddress(address)) return false;
    return open.check(address, type) || !inner.check(address, type);
  };
  return {
    async addressOf(host) {
      const bare = host.replace(/^\[(.*)\]$/, '$1');
      const literal = isIP(bare);
      const known = literal === 0 ? await resolver(bare) : [{ address: bare, family: literal }];
      // A mapped IPv4 address is judged as what it stands for.
      const found = known.map(unmapped).find(isGood);
      if (found !== undefined) return { address: found.address, family: found.family === 6 ? 6 : 4 };
      throw new AddressRefused(
        `${host} is an address of an inner network; NOTIFY_NETWORKS names those that may be spoken to.`,
      );
    },
  };
}

function unmapped({ address, family }: { address: string; family: number }) {
  if (family !== 6) return { address, family };
  const dotted = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (dotted !== undefined) return { address: dotted, family: 4 };
  const groups = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(
    new URL(`http://[${address}]`).hostname.slice(1, -1),
  );
  if (groups === null) return { address, family };
  const [high, low] = [Number.parseInt(groups[1] ?? '0', 16), Number.parseInt(groups[2] ?? '0', 16)];
  return { address: [high >> 8, high & 255, low >> 8, low & 255].join('.'), family: 4 };
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const type = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, type);
    else list.addSubnet(address, Number(prefix), type);
  }
  return list;
}
