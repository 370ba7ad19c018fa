import { z } from 'zod';
import type { Ask } from '#infra/bus-call.ts';
import { cctvTestAnswer, type CctvDesk } from '#schemas/api/cctv.ts';
import { ParkError } from '#schemas/errors.ts';

/** The desk of the cameras' gateways, asked from another process (infra/bus-call.ts): both ends of it. */
export const cctvService = 'cctv';

const definitionSchema = z.record(z.string(), z.unknown());

/** The desk as whoever asks has it. */
export function askedCctvDesk(ask: Ask): CctvDesk {
  return { test: async (definition) => cctvTestAnswer.parse(await ask('test', definition)) };
}

/** What a process with the gateways answers. */
export function answeringCctvDesk(desk: CctvDesk): (method: string, body: unknown) => Promise<unknown> {
  return (method, body) => {
    if (method === 'test') return desk.test(definitionSchema.parse(body));
    throw new ParkError('unavailable', `The gateways of cameras are of another version: no ${method}.`);
  };
}
