import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readCctvConfig } from '#gateways/cctv/config.ts';
import { startCctvGateway } from '#gateways/cctv/gateway.ts';
import { systemClock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import { root } from '#test/kit/tree.ts';

/**
 * `npm run bench:cctv [-- CAMERAS [INTERVAL_S]]`: what asking so many cameras over ONVIF and RTSP costs this process, in its
 * first round, which asks everything (maker, profiles, recordings of the day), and in its second. The cameras are a process
 * of their own; nothing is stored.
 */
const [cameras = 1_000, intervalS = 60] = process.argv.slice(2).map(Number);
const clock = systemClock();
const stateDir = await mkdtemp(join(tmpdir(), 'parkwatch-bench-cctv-'));
const configFile = join(stateDir, 'cctv.yaml');
const simulator = spawn(
  process.execPath,
  [join(root, 'parkwatch.mjs'), 'simulate', '--cameras', String(cameras), '--state-dir', stateDir],
  { stdio: 'ignore' },
);
try {
  while (!existsSync(configFile)) await clock.sleep(200);
  await clock.sleep(500);
  const [found] = readCctvConfig(configFile);
  if (found === undefined) throw new Error('the simulator has written no group');
  const perS = new Map<number, number>();
  let answered = 0;
  const sink = {
    write: () => {
      const second = Math.floor(clock.monotonicMs() / 1000);
      perS.set(second, (perS.get(second) ?? 0) + 1);
      answered++;
      return Promise.resolve();
    },
  };
  const group = { ...found, intervalS };
  await using gateway = startCctvGateway({ group, sink, clock, log: silentLog(), timeZone: 'Asia/Shanghai' });
  for (const round of ['first round, everything', 'second round']) {
    const before = process.cpuUsage();
    [answered] = [0];
    perS.clear();
    await clock.sleep(intervalS * 1000);
    const { user, system } = process.cpuUsage(before);
    const cpuS = (user + system) / 1e6;
    const rssMib = Math.round(process.memoryUsage().rss / 1024 / 1024);
    process.stdout.write(
      `${round.padEnd(24)} ${answered} cameras in ${intervalS} s, at most ${Math.max(0, ...perS.values())} in one second; ` +
        `${((100 * cpuS) / intervalS).toFixed(1)} % of a core (${((1000 * cpuS) / Math.max(1, answered)).toFixed(1)} ms each), ${rssMib} MiB\n`,
    );
  }
  process.stdout.write(`${gateway.status().detail.slice(0, 300)}\n`);
} finally {
  simulator.kill();
  await once(simulator, 'exit');
  await rm(stateDir, { recursive: true, force: true });
}
