import { lookup } from 'node:dns';
import { lookup as lookupAll } from 'node:dns/promises';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Where the machines of clouds are told their own secrets: of Amazon and most others, of Alibaba, of Azure. */
const metadataAddresses = new BlockList();
for (const address of [
  '169.254.169.254',
  '169.254.170.2',
  '169.254.170.23',
  '100.100.100.200',
  '168.63.129.16',
]) {
  metadataAddresses.addAddress(address, 'ipv4');
}
for (const address of ['fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254']) {
  metadataAddresses.addAddress(address, 'ipv6');
}

/**
 * Whether an address is one where a cloud tells its machines their secrets. Cameras and recorders stand in inner networks,
 * which cannot be refused; this they are never.
 * @param host an address as it stands in a URL; names are judged by {@link lookupButMetadata}
 */
export function isMetadataAddress(host: string): boolean {
  const bare = unbracketed(host);
  const family = isIP(bare);
  return family !== 0 && metadataAddresses.check(bare, family === 6 ? 'ipv6' : 'ipv4');
}

/** As in a URL an IPv6 address stands in brackets. */
const unbracketed = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

export class MetadataAddress extends Error {
  override readonly name = 'MetadataAddress';
  constructor() {
    super('the address is one where a cloud tells machines their secrets');
  }
}

/** Looks a name up as Node does, and fails when it stands for such an address: what was judged is what is connected to. */
export const lookupButMetadata: LookupFunction = (host, options, answer) => {
  lookup(host, options, (error, found, family) => {
    const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address);
    answer(error ?? (addresses.some(isMetadataAddress) ? new MetadataAddress() : null), found, family);
  });
};

/**
 * For a library that looks names up itself: judges what a host stands for just before it is connected to. A name that
 * cannot be looked up passes; connecting to it fails by itself.
 * @throws Error when it is such an address
 */
export async function refuseMetadata(host: string): Promise<void> {
  const found = await lookupAll(unbracketed(host), { all: true }).catch(() => []);
  if (found.some(({ address }) => isMetadataAddress(address))) throw new MetadataAddress();
}
