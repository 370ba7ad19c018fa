import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { SecureContextOptions } from 'node:tls';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';

export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Authority of client certificates. */
  readonly clientCaFile?: string | undefined;
}

export interface FollowedCertificatesOptions {
  /** What listens with them. */
  readonly server: { setSecureContext(options: SecureContextOptions): void };
  readonly files: CertificateFiles;
  readonly clock: Clock;
  readonly log: Log;
}

const lookEveryMs = 10_000;

/**
 * Takes up renewed certificates without a restart: new connections get the new one within 10 s, those that stand are left
 * alone. While certificate and key do not belong together (one was copied before the other), the old ones go on.
 */
export function followCertificates(options: FollowedCertificatesOptions): AsyncDisposable {
  const { server, files, clock, log } = options;
  const { certFile, keyFile, clientCaFile } = files;
  const names = [certFile, keyFile, ...(clientCaFile === undefined ? [] : [clientCaFile])];
  let seen = marksOf(names);
  let trouble: string | null = null;
  let looking = Promise.resolve();
  const look = async () => {
    const marks = marksOf(names);
    if (marks === seen) return;
    try {
      const [cert, key] = [await readFile(certFile), await readFile(keyFile)];
      const ca = clientCaFile === undefined ? {} : { ca: await readFile(clientCaFile) };
      server.setSecureContext({ cert, key, ...ca, minVersion: 'TLSv1.2' });
      seen = marks;
      trouble = null;
      log.info({ file: certFile }, 'the renewed certificate is in force');
    } catch (error) {
      const reason = (error as Error).message;
      if (reason !== trouble)
        log.warn({ file: certFile, reason }, 'the renewed certificate cannot be used; the old one goes on');
      trouble = reason;
    }
  };
  const timer = clock.every(lookEveryMs, () => {
    looking = looking.then(look);
  });
  return {
    async [Symbol.asyncDispose]() {
      timer[Symbol.dispose]();
      await looking;
    },
  };
}

/** Differs when any of them was written or replaced. */
function marksOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const found = statSync(file, { throwIfNoEntry: false });
      return found === undefined ? 'absent' : `${found.mtimeMs} ${found.size} ${found.ino}`;
    })
    .join('|');
}
