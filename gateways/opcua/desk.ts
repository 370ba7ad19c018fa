import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clock } from '#infra/clock.ts';
import type { Log } from '#infra/log.ts';
import type { OpcuaDesk } from '#schemas/api/opcua.ts';
import { ParkError } from '#schemas/errors.ts';
import { browse } from './browse.ts';
import { callMethod } from './call.ts';
import { inTime } from './deadline.ts';
import { loadOpcua } from './library.ts';
import type { Line } from './line.ts';
import { ownCertificateFile } from './own-certificate.ts';
import { openCertificates } from './security.ts';
import type { OpcuaServers } from './servers.ts';
import { testConnection } from './test-connection.ts';
import { describeCertificate, listCertificates, setTrust } from './trust.ts';

export interface OpcuaDeskOptions {
  readonly servers: Pick<OpcuaServers, 'find'>;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** @returns whether the command has not been called yet; asked once, right before it is */
  readonly claim: (commandId: string) => Promise<boolean>;
}

/** What the gateways of this process do for people, within a deadline. */
export function openOpcuaDesk(options: OpcuaDeskOptions): OpcuaDesk {
  const { servers, dataDir, clock, log, claim } = options;
  const lineOf = (serverId: string): Line => {
    const gateway = servers.find(serverId);
    if (gateway === undefined) throw new ParkError('not-found', `No gateway reads a server ${serverId}.`);
    const line = gateway.line();
    if (line !== null) return line;
    throw new ParkError('conflict', `The server ${serverId} is not connected; see its status.`);
  };
  return {
    test: ({ settings, secrets }) =>
      inTime(clock, testConnection({ ...settings, nodes: [], secrets }, { dataDir, clock, log })),
    browse: ({ serverId, ...asked }) => inTime(clock, browse(lineOf(serverId), asked)),
    async certificates() {
      await (await openCertificates(await loadOpcua(log), { dataDir, clock })).dispose();
      const pem = await readFile(ownCertificateFile(dataDir), 'utf8');
      const own = { ...describeCertificate(new X509Certificate(pem)), pem };
      return { own, items: await listCertificates(dataDir), nextCursor: null };
    },
    setTrust: ({ fingerprint, trusted }) => setTrust(dataDir, fingerprint, trusted),
    async call({ id, serverId, deviceId, command }) {
      const method = servers
        .find(serverId)
        ?.server.methods.find((one) => one.deviceId === deviceId && one.command === command);
      if (method === undefined) return { ok: false, detail: 'its server has no such method configured' };
      const line = lineOf(serverId);
      // A repeated question must not open a door twice.
      if (!(await claim(id))) throw new ParkError('conflict', `The command ${id} was called already.`);
      return inTime(clock, callMethod(line, method));
    },
  };
}
