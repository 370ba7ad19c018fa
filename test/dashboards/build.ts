import { execFile } from 'node:child_process';
import { cp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '#test/kit/tree.ts';

const served = join(root, 'dashboards/dist');

/**
 * Builds the console as `npm run build` does and puts it where it is served from. A park that another test has started may
 * be serving from there: what is there stays, and is replaced file by file.
 */
export async function buildConsole(): Promise<void> {
  const fresh = join(served, `.fresh-${process.pid}`);
  try {
    await buildConsoleInto(fresh);
    // Assets are named by what they hold.
    await cp(join(fresh, 'assets'), join(served, 'assets'), { recursive: true, force: false });
    for (const entry of await readdir(fresh, { withFileTypes: true })) {
      if (entry.isFile()) await rename(join(fresh, entry.name), join(served, entry.name));
    }
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/**
 * Builds the console in a process of its own: inside vitest NODE_ENV is `test`, and React would come in its development
 * form.
 * @param outDir absolute
 */
export async function buildConsoleInto(outDir: string): Promise<void> {
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  await promisify(execFile)(
    process.execPath,
    [vite, 'build', 'dashboards', '--outDir', outDir, '--emptyOutDir', '--logLevel', 'error'],
    { cwd: root, env: { ...process.env, NODE_ENV: 'production' } },
  );
}
