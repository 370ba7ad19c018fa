import { Counter, Gauge } from 'prom-client';
import type { Metrics } from '#infra/metrics.ts';
import type { Queryable } from '#infra/postgres.ts';
import { severities } from '#schemas/device-class.ts';
import { countOpen } from './alarm-store.ts';
import type { AlarmEngine } from './engine.ts';

/** Open alarms by severity, counted when somebody asks. */
export function registerAlarmMetrics(metrics: Metrics, db: Queryable): void {
  const open = new Gauge({
    name: 'parkwatch_alarms',
    help: 'Alarms that are active, that nobody has acknowledged, and that are shelved, suppressed or out of service',
    labelNames: ['severity', 'state'],
    registers: [metrics],
    async collect() {
      open.reset();
      const rows = await countOpen(db).catch(() => null);
      // The store is away: this figure is left out, the others are told all the same.
      if (rows === null) return;
      const counted = new Map(rows.map((row) => [row.severity, row]));
      for (const severity of severities) {
        open.set({ severity, state: 'active' }, counted.get(severity)?.active ?? 0);
        open.set({ severity, state: 'unacknowledged' }, counted.get(severity)?.unacknowledged ?? 0);
        open.set({ severity, state: 'held' }, counted.get(severity)?.held ?? 0);
      }
    },
  });
}

/** What the engine of this process does; zeros while another process leads. */
export function registerEngineMetrics(metrics: Metrics, engine: () => AlarmEngine | null): void {
  const watches: Gauge = new Gauge({
    name: 'parkwatch_alarm_watches',
    help: 'Points under alarm rules, once for each rule',
    registers: [metrics],
    collect() {
      watches.set(engine()?.figures().watches ?? 0);
    },
  });
  const count = (name: string, help: string, value: () => number) => {
    const counter: Counter = new Counter({
      name,
      help,
      registers: [metrics],
      collect() {
        counter.reset();
        counter.inc(value());
      },
    });
  };
  count(
    'parkwatch_alarm_judged_total',
    'Readings judged, once for each rule',
    () => engine()?.figures().judged ?? 0,
  );
  count(
    'parkwatch_alarm_transitions_total',
    'Alarms raised and cleared',
    () => engine()?.figures().transitions ?? 0,
  );
}
