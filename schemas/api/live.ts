import { z } from 'zod';
import type { AlarmTransition } from '../alarm.ts';
import { idSchema, pointKeySchema } from '../ids.ts';
import type { Latest } from './registry.ts';
import type { Alarm } from './alarms.ts';

/** The Socket.IO namespace `/live` (DESIGN §4), default path; token in `auth.token` or the session cookie. */
export const liveNamespace = '/live';

export const subscribeSchema = z.strictObject({
  points: z.array(pointKeySchema).max(5_000).optional(),
  devices: z.array(idSchema).max(1_000).optional(),
  spaces: z.array(idSchema).max(200).optional(),
  alarms: z.boolean().optional(),
  /** Cursor of the last alarm frame seen: transitions at or after it are replayed. */
  since: z.string().max(40).optional(),
});
export type Subscribe = z.infer<typeof subscribeSchema>;

export type SubscribeAnswer =
  | {
      readonly ok: true;
      readonly cursor: string;
      readonly snapshot: { readonly latest: readonly Latest[]; readonly alarms: readonly Alarm[] };
    }
  | { readonly ok: false; readonly code: string; readonly detail: string };

export interface ReadingsFrame {
  readonly p: readonly string[];
  readonly t: readonly number[];
  readonly v: readonly number[];
  readonly q: readonly number[];
}

export interface ServerEvents {
  readings: (frame: ReadingsFrame) => void;
  alarm: (frame: { cursor: string; transition: AlarmTransition }) => void;
  device: (frame: { deviceId: string; status: 'online' | 'offline' | 'changed'; time: string }) => void;
  assessment: (frame: { rubricId: string; evidenceIds: readonly string[] }) => void;
  /** `since` reached back further than what is kept: re-read the list. */
  'too-old': () => void;
}

export interface ClientEvents {
  subscribe: (body: Subscribe, answer: (result: SubscribeAnswer) => void) => void;
  unsubscribe: (answer: (result: { ok: true }) => void) => void;
}
