import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '#test/kit/tree.ts';

/**
 * Builds the console as `npm run build` does, in a process of its own: inside vitest NODE_ENV is `test`, and React
 * would come in its development form.
 * @param outDir absolute; where the console is served from when absent
 */
export async function buildConsole(outDir = join(root, 'dashboards/dist')): Promise<void> {
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  await promisify(execFile)(
    process.execPath,
    [vite, 'build', 'dashboards', '--outDir', outDir, '--emptyOutDir', '--logLevel', 'error'],
    { cwd: root, env: { ...process.env, NODE_ENV: 'production' } },
  );
}
