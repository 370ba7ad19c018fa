import { X509Certificate } from 'node:crypto';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { OpcuaCertificate } from '#schemas/api/opcua.ts';
import { pkiFolder } from './own-certificate.ts';

/** Servers' certificates as they lie in `DATA_DIR/opcua/pki`: unknown ones are put into `rejected` by the stack. */
interface KeptCertificate extends OpcuaCertificate {
  readonly file: string;
}

/** Times are ISO 8601; the fingerprint is SHA-256 in upper hex with colons: what the server's administrator reads out. */
export function describeCertificate(certificate: X509Certificate): Omit<OpcuaCertificate, 'trusted'> {
  const { subject, issuer, fingerprint256, validFromDate, validToDate } = certificate;
  const oneLine = (name: string) => name.replaceAll('\n', ', ');
  return {
    fingerprint: fingerprint256,
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    validFrom: validFromDate.toISOString(),
    validTo: validToDate.toISOString(),
  };
}

const folders = { trusted: join('trusted', 'certs'), rejected: 'rejected' } as const;

async function readFolder(dataDir: string, trusted: boolean): Promise<KeptCertificate[]> {
  const folder = join(pkiFolder(dataDir), trusted ? folders.trusted : folders.rejected);
  const names = await readdir(folder).catch(() => []);
  const found: KeptCertificate[] = [];
  for (const name of names) {
    const file = join(folder, name);
    try {
      found.push({ file, trusted, ...describeCertificate(new X509Certificate(await readFile(file))) });
    } catch {
      // No certificate: whatever it is, nothing is trusted by it.
    }
  }
  return found;
}

function toCertificate({ fingerprint, subject, issuer, validFrom, validTo, trusted }: KeptCertificate) {
  return { fingerprint, subject, issuer, validFrom, validTo, trusted } satisfies OpcuaCertificate;
}

async function kept(dataDir: string): Promise<KeptCertificate[]> {
  return [...(await readFolder(dataDir, false)), ...(await readFolder(dataDir, true))];
}

/** Certificates that servers have shown, those that wait for a decision first. */
export async function listCertificates(dataDir: string): Promise<OpcuaCertificate[]> {
  return (await kept(dataDir)).map(toCertificate);
}

export async function isTrusted(dataDir: string, fingerprint: string): Promise<boolean> {
  return (await readFolder(dataDir, true)).some((one) => one.fingerprint === fingerprint);
}

/**
 * Trusts a server's certificate, or no longer does. A gateway that waits finds it at its next attempt; a connection that
 * stands stays until it breaks.
 * @param fingerprint SHA-256, in any case, colons or none
 * @returns null when no server has shown such a certificate
 */
export async function setTrust(
  dataDir: string,
  fingerprint: string,
  trusted: boolean,
): Promise<OpcuaCertificate | null> {
  const plain = (text: string) => text.replaceAll(':', '').toUpperCase();
  const found = (await kept(dataDir)).find((one) => plain(one.fingerprint) === plain(fingerprint));
  if (found === undefined) return null;
  const { file } = found;
  const certificate = toCertificate(found);
  if (certificate.trusted !== trusted) {
    const folder = join(pkiFolder(dataDir), trusted ? folders.trusted : folders.rejected);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await rename(file, join(folder, basename(file)));
  }
  return { ...certificate, trusted };
}
