import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OPCUACertificateManager } from 'node-opcua';
import { ConfigError } from '#infra/config.ts';
import type { OpcuaServerConfig } from '#schemas/opcua.ts';
import type { Opcua } from './library.ts';

function pkiFolder(dataDir: string): string {
  return join(dataDir, 'opcua', 'pki');
}

/** Our own certificate and the list of servers that we trust, in `opcua/pki` of the data folder. */
export async function openCertificates(opcua: Opcua, dataDir: string): Promise<OPCUACertificateManager> {
  const rootFolder = pkiFolder(dataDir);
  await mkdir(rootFolder, { recursive: true, mode: 0o700 });
  const certificates = new opcua.OPCUACertificateManager({
    rootFolder,
    automaticallyAcceptUnknownCertificate: false,
    disableFileWatchers: true,
  });
  await certificates.initialize();
  return certificates;
}

/** @throws ConfigError when the file cannot be read */
export async function readPassword({ id, passwordFile }: OpcuaServerConfig): Promise<string | undefined> {
  if (passwordFile === undefined) return undefined;
  try {
    return (await readFile(passwordFile, 'utf8')).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      `OPC UA server ${id}: passwordFile names ${passwordFile}, which cannot be read (${code}).`,
    );
  }
}

/** A failure as one sentence that says what to do. */
export function explain(error: unknown, dataDir: string): string {
  const message = (error as Error).message.split('\n')[0] ?? '';
  if (/BadCertificateUntrusted|Certificate verification failed/.test(message)) {
    const pki = pkiFolder(dataDir);
    return `the server's certificate is not trusted; when it is the right one, move it from ${pki}/rejected to ${pki}/trusted/certs`;
  }
  if (/ECONNREFUSED|connection cannot be established/i.test(message)) return 'the server does not answer';
  return message;
}
