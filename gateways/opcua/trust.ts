import { X509Certificate } from 'node:crypto';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pkiFolder } from './security.ts';

/** Servers' certificates as they lie in `DATA_DIR/opcua/pki`: unknown ones are put into `rejected` by the stack. */
export interface ServerCertificate {
  readonly trusted: boolean;
  readonly subject: string;
  /** SHA-256 of the certificate, upper hex with colons: what the server's administrator reads out. */
  readonly fingerprint: string;
  readonly validTo: string;
}

interface KeptCertificate extends ServerCertificate {
  readonly file: string;
}

const folders = { trusted: join('trusted', 'certs'), rejected: 'rejected' } as const;

async function readFolder(dataDir: string, trusted: boolean): Promise<KeptCertificate[]> {
  const folder = join(pkiFolder(dataDir), trusted ? folders.trusted : folders.rejected);
  const names = await readdir(folder).catch(() => []);
  const found: KeptCertificate[] = [];
  for (const name of names) {
    const file = join(folder, name);
    try {
      const { subject, fingerprint256, validTo } = new X509Certificate(await readFile(file));
      found.push({
        file,
        trusted,
        subject: subject.replaceAll('\n', ', '),
        fingerprint: fingerprint256,
        validTo,
      });
    } catch {
      // No certificate: whatever it is, nothing is trusted by it.
    }
  }
  return found;
}

function toCertificate({ trusted, subject, fingerprint, validTo }: KeptCertificate): ServerCertificate {
  return { trusted, subject, fingerprint, validTo };
}

async function kept(dataDir: string): Promise<KeptCertificate[]> {
  return [...(await readFolder(dataDir, false)), ...(await readFolder(dataDir, true))];
}

/** Certificates that servers have shown, those that wait for a decision first. */
export async function listCertificates(dataDir: string): Promise<ServerCertificate[]> {
  return (await kept(dataDir)).map(toCertificate);
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
): Promise<ServerCertificate | null> {
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
