import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Log } from '#infra/log.ts';
import type { OpcuaCertificatesAnswer } from '#schemas/api/opcua.ts';
import { loadOpcua } from './library.ts';
import { openCertificates, ownCertificateFile } from './security.ts';
import { describeCertificate } from './trust.ts';

/** What administrators of servers have to trust; made when nobody needed it yet. */
export async function readOwnCertificate(options: {
  readonly dataDir: string;
  readonly log: Log;
}): Promise<OpcuaCertificatesAnswer['own']> {
  const { dataDir, log } = options;
  const read = () => readFile(ownCertificateFile(dataDir), 'utf8');
  const pem = await read().catch(async () => {
    await (await openCertificates(await loadOpcua(log), dataDir)).dispose();
    return read();
  });
  return { ...describeCertificate(new X509Certificate(pem)), pem };
}
