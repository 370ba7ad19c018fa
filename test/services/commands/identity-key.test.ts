import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openSecretBox } from '#infra/secret-box.ts';
import { identityKey } from '#services/identity/guard.ts';
import { root } from '#test/kit/tree.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'parkwatch-identity-key-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

function run() {
  return spawnSync(process.execPath, [join(root, 'parkwatch.mjs'), 'identity-key'], {
    env: { DATA_DIR: dataDir },
    encoding: 'utf8',
  });
}

test('parkwatch identity-key writes the key of the park’s pseudonyms, and never a new one', async () => {
  const none = run();
  expect(none.status).not.toBe(0);
  expect(none.stderr).toContain('run this where the park runs');
  const file = join(dataDir, 'secret-key');
  expect(existsSync(file)).toBe(false);
  const box = await openSecretBox(file);
  const { status, stdout } = run();
  expect([status, stdout]).toEqual([0, `${identityKey(box).toString('base64')}\n`]);
});
