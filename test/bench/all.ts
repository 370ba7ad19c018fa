import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '#test/kit/tree.ts';

/** `npm run bench`: all of them, one after the other; arguments go to each. */
for (const name of ['ingest', 'live', 'query', 'assessment', 'soak']) {
  const file = join(root, 'test/bench', `${name}.ts`);
  const { status } = spawnSync(process.execPath, [file, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
