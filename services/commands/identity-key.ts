import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ConfigError, readConfig } from '#infra/config.ts';
import { identityKey } from '#services/identity/guard.ts';
import { openParkSecrets, secretKeyFile } from '#services/serve/secrets.ts';

const help = `Usage: parkwatch identity-key > FILE

Writes the key that pseudonyms of people are made with, for IDENTITY_KEY_FILE of a box in the field, so that a person has
the same pseudonym there as in the park. It opens nothing else, and follows from SECRET_KEY_FILE (or the key in DATA_DIR).
Who has it can try card numbers: keep the file readable by the box alone (umask 077).
输出生成个人假名所用的密钥，供现场网关的 IDENTITY_KEY_FILE 使用，使同一人在各处的假名一致；该密钥不能解开其他内容，请妥善保管。
`;

const usageError = 2;

/** `parkwatch identity-key` */
export async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' } },
  });
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  if (positionals.length > 0) {
    process.stderr.write(help);
    return usageError;
  }
  const config = readConfig();
  const file = secretKeyFile(config);
  // A new one would make other pseudonyms than the park's.
  if (!existsSync(file))
    throw new ConfigError(`${file} is not there: run this where the park runs, with its settings.`);
  const box = await openParkSecrets(config);
  process.stdout.write(`${identityKey(box).toString('base64')}\n`);
  return 0;
}
