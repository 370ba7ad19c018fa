import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '#infra/config.ts';
import { loadSigner, type Signer } from '#services/sealing/signing.ts';

const packageFile = new URL('../../package.json', import.meta.url);

/** Version of this program. */
export function programVersion(): string {
  return (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version;
}

/** The park's signing key: the configured file, or one in DATA_DIR. @throws ConfigError */
export function loadParkSigner({ signingKeyFile, dataDir }: Config): Promise<Signer> {
  return loadSigner(signingKeyFile ?? join(dataDir, 'signing-key.pem'));
}
