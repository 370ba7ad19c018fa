import { X509Certificate } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import type { OPCUACertificateManager, UserIdentityInfo } from 'node-opcua';
import { ConfigError } from '#infra/config.ts';
import { MetadataAddress } from '#infra/metadata-address.ts';
import type { OpcuaServer } from '#schemas/opcua.ts';
import { say, sayText, type Phrase } from '#schemas/phrases.ts';
import type { Opcua } from './library.ts';
import { makeOwnCertificate, pkiFolder, type CertificatePlace } from './own-certificate.ts';

/** Our own certificate and the list of servers that we trust, in `opcua/pki` of the data folder. */
export async function openCertificates(
  opcua: Opcua,
  place: CertificatePlace,
): Promise<OPCUACertificateManager> {
  const rootFolder = pkiFolder(place.dataDir);
  await mkdir(rootFolder, { recursive: true, mode: 0o700 });
  const certificates = new opcua.OPCUACertificateManager({
    rootFolder,
    automaticallyAcceptUnknownCertificate: false,
    disableFileWatchers: true,
  });
  await certificates.initialize();
  await makeOwnCertificate(certificates, place);
  return certificates;
}

/** How we log in at the server. @throws ConfigError when a file of it cannot be read */
export async function readIdentity(opcua: Opcua, server: OpcuaServer): Promise<UserIdentityInfo> {
  const { username, passwordFile, userCertificateFile, userKeyFile, secrets } = server;
  const read = (setting: string, file: string) =>
    readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      const said = `OPC UA server ${server.id}: ${setting} names ${file}, which cannot be read (${error.code}).`;
      throw new ConfigError(said);
    });
  const given = (setting: string, file: string | undefined, secret: string | undefined) =>
    file === undefined ? secret : read(setting, file);
  if (username !== undefined) {
    const password = (await given('passwordFile', passwordFile, secrets?.password))?.trim();
    if (password === undefined)
      throw new ConfigError(`OPC UA server ${server.id}: ${username} has no password here.`);
    return { type: opcua.UserTokenType.UserName, userName: username, password };
  }
  const certificate = await given('userCertificateFile', userCertificateFile, secrets?.userCertificate);
  const privateKey = await given('userKeyFile', userKeyFile, secrets?.userKey);
  if (certificate === undefined || privateKey === undefined) return { type: opcua.UserTokenType.Anonymous };
  const certificateData = readCertificate(certificate);
  if (certificateData === null) {
    const what = userCertificateFile ?? 'the certificate of its login';
    throw new ConfigError(`OPC UA server ${server.id}: ${what} is no PEM certificate.`);
  }
  return { type: opcua.UserTokenType.Certificate, certificateData, privateKey };
}

function readCertificate(pem: string): Buffer | null {
  try {
    return new X509Certificate(pem).raw;
  } catch {
    return null;
  }
}

/** A failure as one sentence that says what to do. */
export function explain(error: unknown): Phrase {
  if (error instanceof MetadataAddress) return say('metadata-address');
  const message = (error as Error).message.split('\n')[0] ?? '';
  if (/BadCertificateUntrusted|Certificate verification failed/.test(message)) {
    return say('opcua-untrusted');
  }
  if (/ECONNREFUSED|connection cannot be established/i.test(message)) return say('opcua-silent');
  return sayText(message);
}
