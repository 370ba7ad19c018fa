import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export function hasOpenssl(): boolean {
  const found = spawnSync('openssl', ['version']).error === undefined;
  // oxlint-disable-next-line no-console
  if (!found) console.warn('skipped: openssl is not installed');
  return found;
}

export interface Certificates extends AsyncDisposable {
  readonly caFile: string;
  /** Of localhost and 127.0.0.1, signed by the authority. */
  readonly server: { readonly certFile: string; readonly keyFile: string };
  /** A client certificate of this common name; by the authority unless `selfSigned`. */
  client(
    name: string,
    selfSigned?: boolean,
  ): Promise<{ readonly certFile: string; readonly keyFile: string }>;
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A certificate authority for a test, in a folder that goes with it. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), 'parkwatch-tls-'));
  const [caFile, caKey] = [join(folder, 'ca.pem'), join(folder, 'ca-key.pem')];
  const authority = ['-subj', '/CN=Test authority', '-days', '2', '-keyout', caKey, '-out', caFile];
  await run('openssl', ['req', '-x509', ...newKey, ...authority]);

  const sign = async (name: string, extensions: string) => {
    const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}-key.pem`)];
    const [request, extra] = [join(folder, `${name}.csr`), join(folder, `${name}.ext`)];
    await run('openssl', ['req', ...newKey, '-subj', `/CN=${name}`, '-keyout', keyFile, '-out', request]);
    await writeFile(extra, extensions);
    const by = ['-CA', caFile, '-CAkey', caKey, '-CAcreateserial', '-days', '2', '-extfile', extra];
    await run('openssl', ['x509', '-req', '-in', request, ...by, '-out', certFile]);
    return { certFile, keyFile };
  };
  return {
    caFile,
    server: await sign('localhost', 'subjectAltName=DNS:localhost,IP:127.0.0.1'),
    async client(name, selfSigned = false) {
      if (!selfSigned) return sign(name, 'extendedKeyUsage=clientAuth');
      const [certFile, keyFile] = [join(folder, `self-${name}.pem`), join(folder, `self-${name}-key.pem`)];
      const own = ['-subj', `/CN=${name}`, '-days', '2', '-keyout', keyFile, '-out', certFile];
      await run('openssl', ['req', '-x509', ...newKey, ...own]);
      return { certFile, keyFile };
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
