import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '#infra/clock.ts';
import { ConfigError, readConfig } from '#infra/config.ts';
import { createLifecycle } from '#infra/lifecycle.ts';
import { createLog } from '#infra/log.ts';
import { mosquittoFiles } from '#services/credentials/mosquitto.ts';
import { mosquittoHash } from '#services/credentials/secret.ts';
import { readDeviceIds, readGrants, readMosquittoPasswords } from '#services/credentials/store.ts';
import { openCommandDatabase } from '#services/serve/command-database.ts';

const help = `Usage: parkwatch broker-files DIR

Writes the credentials of all devices and what they cover as DIR/passwords and DIR/acl, for mosquitto's password_file and
acl_file; MQTT_USERNAME and MQTT_PASSWORD_FILE become the account of Parkwatch itself. After a change: write again, then
send mosquitto a SIGHUP. Works beside a running park.
把所有设备的凭据及其权限写成 mosquitto 的 password_file 与 acl_file；变更后重新生成并向 mosquitto 发送 SIGHUP。
`;

const usageError = 2;

/** `parkwatch broker-files DIR` */
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
  const [folder, ...rest] = positionals;
  if (folder === undefined || rest.length > 0) {
    process.stderr.write(help);
    return usageError;
  }
  const config = readConfig();
  const { username, password } = config.mqtt;
  if (username === undefined || password === undefined) {
    throw new ConfigError(
      'MQTT_USERNAME and MQTT_PASSWORD_FILE are needed: the account of Parkwatch itself.',
    );
  }
  const log = createLog({ level: 'warn', pretty: process.stdout.isTTY });
  await using lifecycle = createLifecycle(log);
  const clock = systemClock();
  const { db } = await openCommandDatabase(config, { lifecycle, clock, log });
  const passwords = await readMosquittoPasswords(db, new Date(clock.nowMs()));
  const files = mosquittoFiles({
    parkId: config.parkId,
    own: { username, password: mosquittoHash(password, ownRounds) },
    passwords,
    grants: await readGrants(db),
    deviceIds: await readDeviceIds(db),
  });
  await mkdir(folder, { recursive: true });
  await replace(join(folder, 'passwords'), files.passwords);
  await replace(join(folder, 'acl'), files.acl);
  process.stdout.write(`${passwords.length} devices in ${folder}/passwords and ${folder}/acl\n`);
  return 0;
}

/** Our own password may have been chosen by a person. */
const ownRounds = 20_000;

/** Whole or not at all: mosquitto may read it at any moment. */
async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o640 });
  await rename(`${file}.new`, file);
}
