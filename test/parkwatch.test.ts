import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '#test/kit/events.ts';

interface Launcher {
  readonly commands: Record<string, readonly string[]>;
  chooseNode(machine: { version: string; pinned: string; pinnedExists: boolean }): {
    kind: 'here' | 'pinned' | 'none';
    path?: string;
    reason?: string;
  };
}

const root = fileURLToPath(new URL('..', import.meta.url));
const launcher = (await import(join(root, 'parkwatch.mjs'))) as Launcher;

/** A Node of this machine that is too old to run us, as most people's is. */
const oldNode = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'node'))
  .find((file) => existsSync(file) && isOld(file));
if (oldNode === undefined)
  process.stderr.write('parkwatch.test: no older Node on PATH, re-execution is not tested\n');

function isOld(file: string): boolean {
  const version = spawnSync(file, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.trim();
  return launcher.chooseNode({ version, pinned: '', pinnedExists: false }).kind === 'none';
}

describe('chooseNode()', () => {
  const pinned = '/somewhere/bin/node';
  it.each(['24.12.0', '24.20.1', '25.0.0', '26.1.0'])('stays under Node %s', (version) => {
    expect(launcher.chooseNode({ version, pinned, pinnedExists: true })).toEqual({ kind: 'here' });
  });
  it.each(['18.0.0', '20.20.2', '23.11.0', '24.11.9'])('takes the pinned Node instead of %s', (version) => {
    expect(launcher.chooseNode({ version, pinned, pinnedExists: true })).toEqual({
      kind: 'pinned',
      path: pinned,
    });
  });
  it('says what to do in one sentence when neither will do', () => {
    const { kind, reason } = launcher.chooseNode({ version: '20.1.0', pinned, pinnedExists: false });
    expect(kind).toBe('none');
    expect(reason).toContain('--omit=optional');
    expect(reason).not.toContain('\n');
  });
});

describe('parkwatch', () => {
  let tree = '';
  const running: ChildProcess[] = [];

  beforeAll(() => {
    tree = mkdtempSync(join(tmpdir(), 'parkwatch-launch-'));
    cpSync(join(root, 'parkwatch.mjs'), join(tree, 'parkwatch.mjs'));
    symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
    mkdirSync(join(tree, 'services', 'commands'), { recursive: true });
    writeFileSync(join(tree, 'package.json'), '{"type":"module"}');
    writeFileSync(
      join(tree, 'services', 'commands', 'user.ts'),
      `export const run = async (argv: string[]): Promise<number> => Number(argv[0]);`,
    );
    writeFileSync(
      join(tree, 'services', 'commands', 'migrate.ts'),
      `export const run = async (): Promise<number> => { throw Object.assign(new Error('DATA_DIR is wrong.'), { name: 'ConfigError' }); };`,
    );
    writeFileSync(
      join(tree, 'services', 'main.ts'),
      `import { writeFileSync } from 'node:fs';
       export const run = (argv: string[]): Promise<number> => new Promise((resolve) => {
         const [file = ''] = argv;
         const timer = setInterval(() => undefined, 1000);
         for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => {
           writeFileSync(file, 'stopped by ' + signal);
           clearInterval(timer);
           resolve(7);
         });
         writeFileSync(file, 'running ' + process.pid + ' ' + process.versions.node);
       });`,
    );
  });
  afterAll(() => {
    for (const child of running) if (child.exitCode === null) child.kill('SIGKILL');
    rmSync(tree, { recursive: true, force: true });
  });

  const call = (node: string, args: string[]) =>
    spawnSync(node, [join(tree, 'parkwatch.mjs'), ...args], { encoding: 'utf8', env: {} });

  it('lists its commands', () => {
    const { status, stdout } = call(process.execPath, ['--help']);
    expect(status).toBe(0);
    for (const name of Object.keys(launcher.commands)) expect(stdout).toContain(`  ${name} `);
  });

  it('refuses a command that does not exist with a sentence and code 2', () => {
    const { status, stderr } = call(process.execPath, ['toString']);
    expect(status).toBe(2);
    expect(stderr).toBe('There is no command toString; parkwatch --help lists them.\n');
  });

  it('passes on the arguments and the exit code of a command', () => {
    expect(call(process.execPath, ['user', '3']).status).toBe(3);
    expect(call(process.execPath, ['user', '0']).status).toBe(0);
  });

  it('tells a configuration error as its sentence alone', () => {
    const { status, stderr } = call(process.execPath, ['migrate']);
    expect([status, stderr]).toEqual([1, 'DATA_DIR is wrong.\n']);
  });

  it.skipIf(oldNode === undefined)('says what to install when the only Node is too old', () => {
    const bare = mkdtempSync(join(tmpdir(), 'parkwatch-bare-'));
    cpSync(join(root, 'parkwatch.mjs'), join(bare, 'parkwatch.mjs'));
    const { status, stderr } = spawnSync(oldNode ?? '', [join(bare, 'parkwatch.mjs'), 'serve'], {
      encoding: 'utf8',
    });
    rmSync(bare, { recursive: true });
    expect(status).toBe(1);
    expect(stderr).toContain('--omit=optional');
  });

  describe.skipIf(oldNode === undefined)('under an older Node', () => {
    const serve = async () => {
      const file = join(mkdtempSync(join(tree, 'run-')), 'state');
      const child = spawn(oldNode ?? '', [join(tree, 'parkwatch.mjs'), 'serve', file], { stdio: 'ignore' });
      running.push(child);
      const state = () => (existsSync(file) ? readFileSync(file, 'utf8') : '');
      await until(() => state().startsWith('running'), 'the command to run');
      const [, pid, version = ''] = state().split(' ');
      return { child, state, pid: Number(pid), version };
    };

    it('runs the command under the pinned one', async () => {
      const { child, version, pid } = await serve();
      expect(launcher.chooseNode({ version, pinned: '', pinnedExists: false }).kind).toBe('here');
      expect(pid).not.toBe(child.pid);
      child.kill('SIGTERM');
      await until(() => child.exitCode !== null, 'the launcher to end');
    });

    it.each(['SIGTERM', 'SIGINT'] as const)('forwards %s and passes on the exit code', async (signal) => {
      const { child, state } = await serve();
      child.kill(signal);
      await until(() => child.exitCode !== null, 'the launcher to end');
      expect([child.exitCode, state()]).toEqual([7, `stopped by ${signal}`]);
    });

    it('stops the command cleanly when the launcher is killed', async () => {
      const { child, state } = await serve();
      child.kill('SIGKILL');
      await until(() => state() === 'stopped by SIGTERM', 'the command to stop');
    });
  });
});
