/** A process that migrates a database: `node migrating-child.ts DATABASE_URL`; says so when it begins and when it is done. */
import { parseArgs } from 'node:util';
import { silentLog } from '#infra/log.ts';
import { migrate } from '#infra/migrate.ts';

const [databaseUrl = ''] = parseArgs({ allowPositionals: true }).positionals;
process.stdout.write('begins\n');
await migrate({ databaseUrl, log: silentLog() });
process.stdout.write('done\n');
