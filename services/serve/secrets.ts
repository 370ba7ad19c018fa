import { join } from 'node:path';
import type { Config } from '#infra/config.ts';
import { openSecretBox, type SecretBox } from '#infra/secret-box.ts';

/** Where it stands. */
export function secretKeyFile({ secretKeyFile: file, dataDir }: Config): string {
  return file ?? join(dataDir, 'secret-key');
}

/** The key that secrets in the database are kept under. @throws ConfigError when SECRET_KEY_FILE holds no key */
export function openParkSecrets(config: Config): Promise<SecretBox> {
  return openSecretBox(secretKeyFile(config));
}
