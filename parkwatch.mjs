#!/usr/bin/env node
// Plain JavaScript that any Node >= 18 parses: it finds a Node that runs our TypeScript, and the command's module.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { isatty } from 'node:tty';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The first Node whose type stripping is stable; major, minor. */
const oldestNode = [24, 12];

/**
 * Room for young objects, MiB: with V8's own measure of a large machine the process would take half a gigabyte. The same
 * stands in the start script and in the image, where no Node of ours is between.
 */
const heapFlags = ['--max-semi-space-size=16'];

/** What is left running after a command has returned may hold the process no longer than this; milliseconds. */
const lingerMs = 3_000;

/** Each module exports `run(argv: string[]): Promise<number>`, the exit code; `--help` is its own affair. */
export const commands = {
  serve: ['services/main.ts', 'run the park: gateways, store, API, console', '启动园区服务'],
  migrate: ['services/commands/migrate.ts', 'bring a database to this version', '升级数据库结构'],
  simulate: ['gateways/simulator/main.ts', 'simulated devices against any broker', '运行模拟设备'],
  import: ['services/commands/import.ts', 'bring in spaces, devices, rules from a file', '从文件导入园区'],
  user: ['services/commands/user.ts', 'add a user or reset a password', '添加用户或重置密码'],
  'broker-files': [
    'services/commands/broker-files.ts',
    "write mosquitto's password and access files",
    '生成 mosquitto 的密码与权限文件',
  ],
  'identity-key': [
    'services/commands/identity-key.ts',
    'write the key of pseudonyms, for a box in the field',
    '输出现场网关生成假名所用的密钥',
  ],
  opcua: ['gateways/opcua/main.ts', 'trust certificates of OPC UA servers', '信任 OPC UA 服务器证书'],
  rollup: ['services/commands/rollup.ts', 'make derived rows again from raw readings', '重新生成汇总数据'],
  assess: ['services/commands/assess.ts', 'score the park against a rubric', '按评价标准打分'],
  'export-evidence': [
    'services/commands/export-evidence.ts',
    'write an evidence pack, one ZIP archive',
    '导出证据包（单个 ZIP 归档）',
  ],
  demo: ['services/commands/demo.ts', "take the demo's records and claims away", '移除示例台账与申报'],
  verify: ['services/commands/verify.ts', 'check an evidence pack or a journal', '验证证据'],
};

/**
 * Which Node runs us: `here` this one, `pinned` the one npm installed, or `none` and a sentence.
 * @param {{ version: string, pinned: string, pinnedExists: boolean }} machine version without `v`
 */
export function chooseNode({ version, pinned, pinnedExists }) {
  if (isNewEnough(version)) return { kind: 'here' };
  if (pinnedExists) return { kind: 'pinned', path: pinned };
  return {
    kind: 'none',
    reason:
      `Parkwatch needs Node ${oldestNode.join('.')} or newer; this is ${version}, and the one that npm installs beside it is missing: ` +
      'run npm ci without --omit=optional, or install a newer Node.',
  };
}

/** @param {string} version such as `24.12.0` */
export function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
}

export function usage() {
  const lines = Object.entries(commands).map(([name, [, en, zh]]) => `  ${name.padEnd(16)} ${en} / ${zh}`);
  return `Usage: parkwatch <command> [options]\n\n${lines.join('\n')}\n\nparkwatch <command> --help tells more.\n`;
}

function pinnedNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  return fileURLToPath(
    new URL(`./node_modules/node-${platform}-${process.arch}/bin/${program}`, import.meta.url),
  );
}

/** Runs this file again under another Node and passes on its exit code. */
function runUnder(node) {
  // The channel tells the child when we are gone, however we ended.
  const child = spawn(node, [...heapFlags, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const onTerminal = [0, 1, 2].some(isatty);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  for (const signal of ['SIGINT', 'SIGHUP']) {
    if (isIgnored(signal)) continue;
    // A terminal sends these to both of us; twice would mean "at once".
    process.on(signal, () => onTerminal || child.kill(signal));
  }
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(fail(`Cannot start ${node}: ${error.message}`, 1)));
    child.on('exit', (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

/** nohup(1) makes us ignore SIGHUP; a handler of ours would undo that. */
function isIgnored(signal) {
  try {
    const [, mask] = /^SigIgn:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return ((BigInt(`0x${mask}`) >> BigInt(constants.signals[signal] - 1)) & 1n) === 1n;
  } catch {
    return false;
  }
}

/** The launcher was killed, or the terminal closed: end as if asked to, so that nothing stays behind. */
function endWithLauncher() {
  if (process.channel) {
    process.on('disconnect', endAsAsked);
    process.channel.unref();
  }
  if (process.platform !== 'win32' && !isIgnored('SIGHUP')) process.on('SIGHUP', endAsAsked);
}

function endAsAsked() {
  if (!process.emit('SIGTERM', 'SIGTERM', constants.signals.SIGTERM))
    process.exit(128 + constants.signals.SIGTERM);
}

/** Who reads our output may leave before its end, as head(1) does: what is left is not wanted, and nothing is wrong. */
function letReadersLeave() {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}

async function runCommand(name, argv) {
  const file = new URL(commands[name][0], import.meta.url);
  if (!existsSync(file)) return fail(`The command ${name} is not part of this build.`, 1);
  try {
    const module = await import(file.href);
    return await module.run(argv);
  } catch (error) {
    return fail(explain(error), 1);
  }
}

/** What a person did wrong is one sentence; what we did wrong comes with its stack. */
function explain(error) {
  const missing =
    error?.code === 'ERR_MODULE_NOT_FOUND' && /Cannot find package '([^']+)'/.exec(error.message);
  if (missing)
    return `The package ${missing[1]} is not installed: run npm ci in ${fileURLToPath(new URL('.', import.meta.url))}.`;
  if (error?.name === 'ConfigError' || error?.name === 'ParkError') return error.message;
  return error?.stack ?? String(error);
}

function fail(sentence, code) {
  process.stderr.write(`${sentence}\n`);
  return code;
}

async function main([name, ...argv]) {
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage());
    return 0;
  }
  if (name === undefined) return fail(usage(), 2);
  if (!Object.hasOwn(commands, name)) {
    return fail(`There is no command ${name}; parkwatch --help lists them.`, 2);
  }
  const pinned = pinnedNode();
  const choice = chooseNode({ version: process.versions.node, pinned, pinnedExists: existsSync(pinned) });
  if (choice.kind === 'none') return fail(choice.reason, 1);
  if (choice.kind === 'pinned') return runUnder(choice.path);
  endWithLauncher();
  letReadersLeave();
  return runCommand(name, argv);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  process.exitCode = await main(process.argv.slice(2));
  setTimeout(() => process.exit(), lingerMs).unref();
}
