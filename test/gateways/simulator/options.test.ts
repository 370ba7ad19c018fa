import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readOptions } from '#gateways/simulator/options.ts';
import { ConfigError } from '#infra/config.ts';

describe('readOptions()', () => {
  test('is the default park without options, plain load with --devices or --rate', () => {
    expect(readOptions([])).toMatchObject({ load: null, opcuaPort: 0, backfillDays: 7, parkId: 'demo' });
    expect(readOptions(['--devices', '500', '--rate', '20000'])).toMatchObject({
      load: { devices: 500, rate: 20_000 },
      opcuaPort: null,
    });
  });

  test('reads how long and how often the boxes remember, and how large the park is', () => {
    expect(readOptions(['--backfill', '365d', '--backfill-every', '6h', '--copies', '16'])).toMatchObject({
      backfillDays: 365,
      backfillEveryMs: 21_600_000,
      copies: 16,
    });
    expect(readOptions(['--backfill-only'])).toMatchObject({ backfillOnly: true });
    // A long one is thinned out unless it is told how; a short one is as each value is kept.
    expect(readOptions(['--backfill', '365d'])).toMatchObject({ backfillEveryMs: 21_600_000 });
    expect(readOptions(['--backfill', '30d'])).toMatchObject({ backfillEveryMs: undefined });
    for (const length of ['367d', '0d', '1y', 'd']) {
      expect(() => readOptions(['--backfill', length]), length).toThrow('--backfill is a length such as');
    }
  });

  test('reads the password from its file', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'parkwatch-sim-')), 'password');
    writeFileSync(file, 'field-secret\n');
    expect(readOptions(['--username', 'field', '--password-file', file])?.broker).toMatchObject({
      username: 'field',
      password: 'field-secret',
    });
  });

  test('is null for --help', () => {
    expect(readOptions(['--help'])).toBeNull();
  });

  test.each([
    [['--sed', '1'], /--sed/],
    [['--devices', 'many'], /--devices is a number from 1/],
    [['--qos', '2'], /--qos is a number from 0 to 1/],
    [['--url', 'http://x'], /--url starts with mqtt/],
    [['--url', 'mqtt://me:secret@x'], /--url carries no password/],
    [['--park', '_x'], /--park/],
    [['--time-zone', 'Mars/Base'], /Mars\/Base/],
    [['--password-file', '/nowhere/at/all'], /ENOENT/],
  ])('refuses %j with one sentence', (argv, sentence) => {
    const attempt = () => readOptions(argv);
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(sentence);
    expect(attempt).not.toThrow(/secret/);
  });
});
