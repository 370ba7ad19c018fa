import type { Derivation } from '../measure.ts';
import { environmentMonitoring } from './environment-monitoring/derive.ts';
import { remoteMetering } from './remote-metering/derive.ts';
import { videoRetention } from './video-retention/derive.ts';

/** The pure halves of all measures, by id: what scoring and the verifier share. */
export const derivations: ReadonlyMap<string, Derivation> = new Map(
  [remoteMetering, videoRetention, environmentMonitoring].map((derivation) => [derivation.id, derivation]),
);
