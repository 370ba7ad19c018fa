import { z } from 'zod';

/** Ids of parks, spaces and devices; a leading `_` is reserved (DESIGN §4). */
export const idPattern = /^[A-Za-z0-9-][A-Za-z0-9_-]{0,63}$/;
export const metricPattern = /^[a-z][a-z0-9_]{0,63}$/;

export const idSchema = z
  .string()
  .regex(idPattern, 'an id has 1 to 64 letters, digits, "-" or "_" and does not start with "_"');
export const metricSchema = z
  .string()
  .regex(metricPattern, 'a metric has 1 to 64 lower-case letters, digits or "_" and starts with a letter');

/** The key of a point, e.g. `em-a-01.active_energy_import`. */
export type PointKey = `${string}.${string}`;

export function pointKey(deviceId: string, metric: string): PointKey {
  return `${deviceId}.${metric}`;
}

/** Splits a point key; null when it is not one. */
export function parsePointKey(key: string): { deviceId: string; metric: string } | null {
  const dot = key.indexOf('.');
  const deviceId = key.slice(0, dot);
  const metric = key.slice(dot + 1);
  return dot > 0 && idPattern.test(deviceId) && metricPattern.test(metric) ? { deviceId, metric } : null;
}

export const pointKeySchema = z
  .string()
  .refine((key) => parsePointKey(key) !== null, 'a point is written deviceId.metric');
