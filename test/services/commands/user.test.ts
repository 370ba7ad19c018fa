import { expect, inject, test } from 'vitest';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { systemClock } from '#infra/clock.ts';
import { login } from '#services/people/login.ts';
import { addPerson } from '#test/kit/api.ts';
import { createTestDatabase } from '#test/kit/postgres.ts';

const launcher = fileURLToPath(new URL('../../../parkwatch.mjs', import.meta.url));

function parkwatch(args: readonly string[], databaseUrl: string) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    const env = { PATH: '/usr/bin:/bin', PARK_ID: 'demo', DATABASE_URL: databaseUrl };
    execFile(process.execPath, [launcher, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), stdout, stderr });
    });
  });
}

const oneTime = (stdout: string) => /one-time password +(\S+)/.exec(stdout)?.[1] ?? '';

test('parkwatch user adds an account and opens a disabled one again, beside a running park', async () => {
  expect(inject('serverUrl')).toBeTruthy();
  await using database = await createTestDatabase();
  const deps = { db: database.pool, clock: systemClock() };
  const added = await parkwatch(['user', 'add', 'root.user', '--role', 'admin'], database.url);
  expect([added.code, added.stderr]).toEqual([0, '']);
  const attempt = { username: 'root.user', address: '::1', userAgent: 'test' };
  const first = await login(deps, { ...attempt, password: oneTime(added.stdout) });
  expect(first.user).toMatchObject({ role: 'admin', mustChangePassword: true });

  expect((await parkwatch(['user', 'add', 'root.user'], database.url)).code).toBe(1);
  await addPerson(deps, 'admin', 'other');
  await database.pool.query(`update park_user set disabled = true where username = 'root.user'`);
  const reset = await parkwatch(['user', 'reset', 'root.user'], database.url);
  expect(reset.code).toBe(0);
  expect((await login(deps, { ...attempt, password: oneTime(reset.stdout) })).user.disabled).toBe(false);
});

test('parkwatch user says in one sentence what is wrong', async () => {
  await using database = await createTestDatabase();
  const wrong = async (...args: string[]) => {
    const { code, stderr } = await parkwatch(['user', ...args], database.url);
    expect(code).not.toBe(0);
    expect(stderr).not.toContain('    at ');
    return stderr;
  };
  expect(await wrong('reset', 'nobody')).toContain('There is no user nobody.');
  expect(await wrong('add', 'someone', '--role', 'king')).toContain('king is no role');
  expect(await wrong('add', 'Some One')).toContain('a user name has');
  expect(await wrong('remove', 'x')).toContain('Usage:');
});
