import { writeSync } from 'node:fs';
import { systemClock } from '#infra/clock.ts';
import { silentLog } from '#infra/log.ts';
import { openSpoolFolder } from '#services/spool/files.ts';
import { startSpool } from '#services/spool/spool.ts';
import { createTestPublisher, numbered } from './kit.ts';

/** Writes numbers to a spool until it is killed, and says each that is durable: `folder first`. */
const [folder = '', from = '0'] = process.argv.slice(2);
const spool = await startSpool({
  files: await openSpoolFolder(folder),
  publisher: createTestPublisher('hold'),
  parkId: 'demo',
  clock: systemClock(),
  log: silentLog(),
});
const standardOutput = 1;
const say = async (number: number) => {
  await spool.write(numbered(number));
  writeSync(standardOutput, `${number}\n`);
};
for (let number = Number(from); ; number += 5) {
  await Promise.all([0, 1, 2, 3, 4].map((more) => say(number + more)));
}
