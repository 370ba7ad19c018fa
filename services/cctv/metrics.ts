import { Gauge } from 'prom-client';
import { registerTogether, type Metrics } from '#infra/metrics.ts';
import type { Clock } from '#infra/clock.ts';
import type { Queryable } from '#infra/postgres.ts';
import { cctvSource } from '#schemas/cctv.ts';
import { forgottenMs, readGroupFigures, type GroupFigures } from './store.ts';

const help: Readonly<Record<string, readonly [string, (figures: GroupFigures) => number | null]>> = {
  cameras: ['Cameras of a group that were asked within two days', ({ cameras }) => cameras],
  cameras_answering: ['Those that answered when they were asked last', ({ answering }) => answering],
  cameras_with_trouble: ['Those that left something unsaid', ({ troubled }) => troubled],
  cameras_recording: ['Those that say that they record', ({ recording }) => recording],
  recorded_share: ['Mean share of the running day that is recorded', ({ share }) => share],
  oldest_round_seconds: ['How long ago the camera that has waited longest was asked', ({ ageS }) => ageS],
};

/** What asking cameras came to, by group, whichever process asks them. */
export function registerCctvMetrics(
  metrics: Metrics,
  { db, clock }: { readonly db: Queryable; readonly clock: Clock },
): void {
  const gauges = Object.entries(help).map(([name, [text, valueOf]]) => ({
    gauge: new Gauge({ name: `parkwatch_cctv_${name}`, help: text, labelNames: ['source'], registers: [] }),
    valueOf,
  }));
  registerTogether(
    metrics,
    gauges.map(({ gauge }) => gauge),
    async () => {
      const now = new Date(clock.nowMs());
      for (const figures of await readGroupFigures(db, { now, forgottenMs })) {
        for (const { gauge, valueOf } of gauges) {
          const value = valueOf(figures);
          if (value !== null) gauge.set({ source: cctvSource(figures.group) }, value);
        }
      }
    },
  );
}
