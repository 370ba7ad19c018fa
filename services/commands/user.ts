import { parseArgs } from 'node:util';
import { systemClock } from '#infra/clock.ts';
import { ConfigError, readConfig } from '#infra/config.ts';
import { createLifecycle } from '#infra/lifecycle.ts';
import { createLog } from '#infra/log.ts';
import { usernameSchema } from '#schemas/api/people.ts';
import { roles, type Role } from '#schemas/roles.ts';
import { addUser, rescueUser } from '#services/people/rescue.ts';
import { openCommandDatabase } from '#services/serve/command-database.ts';

const help = `Usage: parkwatch user add NAME [--role ROLE] [--name "DISPLAY NAME"]
       parkwatch user reset NAME [--role ROLE]

For whoever is locked out: works on the park's database, also while the park runs. Both print a one-time password
that is good for three days and only for choosing an own one. reset also opens a disabled or ended account again.
用于无法登录时的自助恢复，园区服务运行中也可使用；输出三天内有效的一次性密码，首次登录后须设置自己的密码。

ROLE: ${roles.join(', ')} (add: viewer unless told; reset: as before)
`;

/** `parkwatch user add|reset`: exit code 0 when the account stands and its one-time password was printed. */
export async function run(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' }, role: { type: 'string' }, name: { type: 'string' } },
  });
  const [verb, name = '', ...rest] = positionals;
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if ((verb !== 'add' && verb !== 'reset') || name === '' || rest.length > 0) {
    process.stderr.write(help);
    return 2;
  }
  const username = usernameSchema.safeParse(name);
  if (!username.success) throw new ConfigError(`${name}: ${username.error.issues[0]?.message}.`);
  const role = parseRole(values.role);
  const config = readConfig();
  const log = createLog({ level: 'warn', pretty: process.stdout.isTTY });
  await using lifecycle = createLifecycle(log);
  const clock = systemClock();
  const { db } = await openCommandDatabase(config, { lifecycle, clock, log });
  const doing = { db, clock, actor: 'command line' };
  const made =
    verb === 'add'
      ? await addUser(doing, {
          username: username.data,
          displayName: values.name ?? name,
          role: role ?? 'viewer',
        })
      : await rescueUser(doing, { username: username.data, role });
  process.stdout.write(
    `${made.user.username} (${made.user.role})\n` +
      `  一次性密码 one-time password  ${made.oneTimePassword}\n` +
      `  有效期至 good until           ${made.expiresAt.toISOString()}\n`,
  );
  return 0;
}

function parseRole(text: string | undefined): Role | undefined {
  if (text === undefined) return undefined;
  const role = roles.find((one) => one === text);
  if (role === undefined) throw new ConfigError(`${text} is no role; there are ${roles.join(', ')}.`);
  return role;
}
