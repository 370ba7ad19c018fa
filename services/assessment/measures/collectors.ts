import type { Collector } from '../collect.ts';
import { attestationCollector } from './attestation/collect.ts';
import { environmentMonitoringCollector } from './environment-monitoring/collect.ts';
import { functionsCollector } from './functions/collect.ts';
import { partsCollector } from './parts/collect.ts';
import { recordsCollector } from './records/collect.ts';
import { registryCollector } from './registry/collect.ts';
import { remoteMeteringCollector } from './remote-metering/collect.ts';
import { spaceCoverageCollector } from './space-coverage/collect.ts';
import { videoQualityCollector } from './video-quality/collect.ts';
import { videoRetentionCollector } from './video-retention/collect.ts';

const list = [
  remoteMeteringCollector,
  videoRetentionCollector,
  videoQualityCollector,
  environmentMonitoringCollector,
  spaceCoverageCollector,
  functionsCollector,
  recordsCollector,
  registryCollector,
  partsCollector,
  attestationCollector,
];

/** The halves of the measures that ask the store, by id. */
export const collectors: ReadonlyMap<string, Collector> = new Map(
  list.map((collector) => [collector.id, collector]),
);
