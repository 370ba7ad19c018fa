import { createBus } from '#infra/bus.ts';
import { systemClock, type Clock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import { startAlarms } from '#services/alarms/alarms.ts';

/**
 * A process that stands by for the role `alarms` and judges what it finds in the rows: its bus is its own, so every
 * frame is lost to it. Lines it writes: `standby` once it runs and whenever it leads no longer, `leading EPOCH`. SIGUSR2 sets its clock forward by the given hours.
 * @argument database URL, hours by which the clock is set
 */
const [, , databaseUrl = '', hours = '0'] = process.argv;
const system = systemClock();
let setMs = 0;
process.on('SIGUSR2', () => {
  setMs += Number(hours) * 3_600_000;
});
const clock: Clock = { ...system, nowMs: () => system.nowMs() + setMs };
const leader = startAlarms({
  databaseUrl,
  bus: createBus((error) => {
    throw error;
  }),
  directory: { onChange: () => () => undefined },
  timeZone: 'Asia/Shanghai',
  clock,
  log: silentLog(),
});
let told: number | undefined | null = null;
system.every(20, () => {
  if (leader.epoch === told) return;
  told = leader.epoch;
  process.stdout.write(told === undefined ? 'standby\n' : `leading ${told}\n`);
});
// The timer alone does not keep a process alive.
process.stdin.resume();
