import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import { startOpcuaGateway } from '#gateways/opcua/gateway.ts';
import { opcuaServerSchema } from '#schemas/opcua.ts';
import { until } from '#test/kit/events.ts';
import { startOpcuaTestServer } from '#test/kit/opcua-server.ts';
import { createHeldSink } from '#test/kit/sink.ts';
import { root } from '#test/kit/tree.ts';

const waitMs = 30_000;

test('run() lists what servers have shown, trusts by fingerprint, and takes it back', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parkwatch-opcua-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const command = (...argv: string[]) =>
    spawnSync(process.execPath, [join(root, 'parkwatch.mjs'), 'opcua', ...argv], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], DATA_DIR: dataDir },
    });
  await using server = await startOpcuaTestServer({ variables: { level: 1 }, security: 'SignAndEncrypt' });
  const nodes = [{ nodeId: server.nodeId('level'), deviceId: 'tank-1', metric: 'level' }];
  const plant = opcuaServerSchema.parse({ id: 'plant', endpoint: server.endpoint, nodes });
  const sink = createHeldSink();
  await using gateway = await startOpcuaGateway({
    server: plant,
    sink,
    clock: systemClock(),
    log: silentLog(),
    dataDir,
  });
  await until(() => gateway.status().detail.includes('parkwatch opcua trust'), 'the refusal', waitMs);
  const pki = join(dataDir, 'opcua', 'pki');

  const listed = command('certificates');
  expect(listed.status, listed.stderr).toBe(0);
  const fingerprint = /rejected {2}([0-9A-F:]{95})/.exec(listed.stdout)?.[1] ?? '';
  expect(fingerprint).not.toBe('');
  expect(command('trust', 'AA').status).toBe(1);
  expect(command('trust').status).toBe(2);
  expect(sink.offered).toEqual([]);

  expect(command('trust', fingerprint).status).toBe(0);
  await until(() => sink.committed.length > 0, 'a value', waitMs);
  expect(command('distrust', fingerprint).status).toBe(0);
  expect(readdirSync(join(pki, 'rejected'))).toHaveLength(1);
  expect(readdirSync(join(pki, 'trusted', 'certs'))).toEqual([]);
});
