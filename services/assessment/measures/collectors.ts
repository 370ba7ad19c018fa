import type { Collector } from '../collect.ts';
import { environmentMonitoringCollector } from './environment-monitoring/collect.ts';
import { remoteMeteringCollector } from './remote-metering/collect.ts';
import { videoRetentionCollector } from './video-retention/collect.ts';

/** The halves of the measures that ask the store, by id. */
export const collectors: ReadonlyMap<string, Collector> = new Map(
  [remoteMeteringCollector, videoRetentionCollector, environmentMonitoringCollector].map((collector) => [
    collector.id,
    collector,
  ]),
);
