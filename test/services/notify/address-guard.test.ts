import { expect, test } from 'vitest';
import { AddressRefused, createAddressGuard } from '#services/notify/address-guard.ts';

const guard = createAddressGuard([]);

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '[::1]',
  '::',
  'fe80::1',
  'fd00::1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
])('addressOf() refuses %s', async (host) => {
  await expect(guard.addressOf(host)).rejects.toThrow(AddressRefused);
});

test('addressOf() gives what is reachable by everybody, and the first of several that is', async () => {
  expect(await guard.addressOf('8.8.8.8')).toEqual({ address: '8.8.8.8', family: 4 });
  const two = createAddressGuard([], () =>
    Promise.resolve([
      { address: '10.0.0.1', family: 4 },
      { address: '2606:4700::1111', family: 6 },
    ]),
  );
  expect(await two.addressOf('name.example')).toEqual({ address: '2606:4700::1111', family: 6 });
});

test('addressOf() of a name is judged by the address it has, and lets through what its keeper allows', async () => {
  const inner = () => Promise.resolve([{ address: '10.1.2.3', family: 4 }]);
  await expect(createAddressGuard([], inner).addressOf('mail.park')).rejects.toThrow(/NOTIFY_NETWORKS/);
  expect(await createAddressGuard(['10.1.0.0/16'], inner).addressOf('mail.park')).toEqual({
    address: '10.1.2.3',
    family: 4,
  });
  expect(await createAddressGuard(['10.1.2.3'], inner).addressOf('mail.park')).toEqual({
    address: '10.1.2.3',
    family: 4,
  });
  await expect(
    createAddressGuard(['169.254.0.0/16', '168.63.129.16']).addressOf('169.254.169.254'),
  ).rejects.toThrow(AddressRefused);
  await expect(createAddressGuard([]).addressOf('168.63.129.16')).rejects.toThrow(AddressRefused);
  await expect(createAddressGuard(['10.2.0.0/16'], inner).addressOf('mail.park')).rejects.toThrow(
    AddressRefused,
  );
});
