import type { Derivation } from '../measure.ts';
import { attestation } from './attestation/derive.ts';
import { environmentMonitoring } from './environment-monitoring/derive.ts';
import { functions } from './functions/derive.ts';
import { parts } from './parts/derive.ts';
import { recordsMeasure } from './records/derive.ts';
import { registryMeasure } from './registry/derive.ts';
import { remoteMetering } from './remote-metering/derive.ts';
import { spaceCoverage } from './space-coverage/derive.ts';
import { videoQuality } from './video-quality/derive.ts';
import { videoRetention } from './video-retention/derive.ts';

const list: readonly Derivation[] = [
  remoteMetering,
  videoRetention,
  videoQuality,
  environmentMonitoring,
  spaceCoverage,
  functions,
  recordsMeasure,
  registryMeasure,
  parts,
  attestation,
];

/** The pure halves of all measures, by id: what scoring and the verifier share. */
export const derivations: ReadonlyMap<string, Derivation> = new Map(
  list.map((derivation) => [derivation.id, derivation]),
);
