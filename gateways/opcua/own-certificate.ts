import { randomUUID, X509Certificate } from 'node:crypto';
import { link, mkdir, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import type { OPCUACertificateManager } from 'node-opcua';
import type { Clock } from '#infra/clock.ts';

/** Our own certificate: what administrators of servers have to trust. */

export interface CertificatePlace {
  readonly dataDir: string;
  readonly clock: Clock;
}

/** Where certificates are kept. */
export function pkiFolder(dataDir: string): string {
  return join(dataDir, 'opcua', 'pki');
}

export function ownCertificateFile(dataDir: string): string {
  return join(pkiFolder(dataDir), 'own', 'certs', 'client_certificate.pem');
}

const validityDays = 3_650;

/** Makes it when there is none yet; of several that do so at once one wins, and it is whole. */
export async function makeOwnCertificate(
  certificates: OPCUACertificateManager,
  { dataDir, clock }: CertificatePlace,
): Promise<void> {
  const file = ownCertificateFile(dataDir);
  if ((await readFile(file).catch(() => '')).length > 0) return;
  const aside = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await certificates.createSelfSignedCertificate({
    applicationUri: `urn:${hostname()}:Parkwatch`,
    dns: [hostname()],
    outputFile: aside,
    subject: `/CN=Parkwatch@${hostname()}/O=Parkwatch`,
    startDate: new Date(clock.nowMs()),
    validity: validityDays,
  });
  try {
    await link(aside, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { force: true });
  }
}

/**
 * The name by which servers know this application: as our certificate has it, whatever this machine is called by now.
 * Undefined when the certificate names none: then the stack's own.
 */
export async function ownApplicationUri(dataDir: string): Promise<string | undefined> {
  const pem = await readFile(ownCertificateFile(dataDir), 'utf8');
  return /URI:([^,]+)/.exec(new X509Certificate(pem).subjectAltName ?? '')?.[1]?.trim();
}
