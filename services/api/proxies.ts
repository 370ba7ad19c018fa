import { BlockList, isIPv6 } from 'node:net';

/**
 * Whether a machine may say for whom it speaks: one on this host, or one that was announced. Nobody else's
 * X-Forwarded-For counts, or everybody could choose an address.
 * @param proxies addresses and networks (`10.0.0.7`, `172.30.0.0/16`), as the configuration has checked them
 */
export function createProxyTrust(proxies: readonly string[]): (address: string | undefined) => boolean {
  const trusted = new BlockList();
  for (const proxy of ['127.0.0.0/8', '::1', ...proxies]) {
    const [address = '', prefix] = proxy.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (prefix === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(prefix), family);
  }
  // Of a connection that is gone there is no address.
  return (address) => address !== undefined && trusted.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
