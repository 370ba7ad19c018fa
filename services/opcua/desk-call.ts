import { z } from 'zod';
import { leftToOthers, type Ask } from '#infra/bus-call.ts';
import {
  opcuaBrowseAnswer,
  opcuaBrowseBody,
  opcuaCertificateSchema,
  opcuaCertificatesAnswer,
  opcuaTestAnswer,
  opcuaTestBody,
  type OpcuaDesk,
} from '#schemas/api/opcua.ts';
import { ParkError } from '#schemas/errors.ts';

/** The desk of OPC UA gateways, asked from another process (infra/bus-call.ts): both ends of it. */
export const opcuaService = 'opcua';

const callSchema = z.object({
  id: z.string(),
  serverId: z.string(),
  deviceId: z.string(),
  command: z.string(),
});
const trustSchema = z.object({ fingerprint: z.string(), trusted: z.boolean() });
const browseSchema = opcuaBrowseBody.extend({ serverId: z.string() });
const callAnswer = z.object({ ok: z.boolean(), detail: z.string() });

/** The desk as whoever asks has it. */
export function askedDesk(ask: Ask): OpcuaDesk {
  return {
    test: async (asked) => opcuaTestAnswer.parse(await ask('test', asked)),
    browse: async (asked) => opcuaBrowseAnswer.parse(await ask('browse', asked)),
    certificates: async () => opcuaCertificatesAnswer.parse(await ask('certificates', {})),
    setTrust: async (asked) => opcuaCertificateSchema.nullable().parse(await ask('setTrust', asked)),
    call: async (asked) => callAnswer.parse(await ask('call', asked)),
  };
}

/**
 * What a process with the gateways answers.
 * @param isElsewhere whether another process reads a server, and so answers for it
 */
export function answeringDesk(
  desk: OpcuaDesk,
  isElsewhere: (serverId: string) => boolean,
): (method: string, body: unknown) => Promise<unknown> {
  return async (method, body) => {
    const ofServer = z.object({ serverId: z.string() }).safeParse(body).data?.serverId;
    if (ofServer !== undefined && isElsewhere(ofServer)) return leftToOthers;
    switch (method) {
      case 'test':
        return desk.test(opcuaTestBody.parse(body));
      case 'browse':
        return desk.browse(browseSchema.parse(body));
      case 'certificates':
        return desk.certificates();
      case 'setTrust':
        return desk.setTrust(trustSchema.parse(body));
      case 'call':
        return desk.call(callSchema.parse(body));
      default:
        throw new ParkError('unavailable', `The OPC UA gateways are of another version: no ${method}.`);
    }
  };
}
