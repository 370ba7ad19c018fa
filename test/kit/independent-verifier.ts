import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { root } from './tree.ts';

/** The verifier that was written from the documents alone, in another language: it shares no line with us. */
const script = join(root, 'test/docs/independent_verifier');

/** Whether this machine can run it. */
export const hasPython: boolean = await new Promise((resolve) => {
  execFile('python3', ['--version'], (error) => resolve(error === null));
});

/** @returns its exit code and everything that it said */
export function verifyIndependently(...args: string[]): Promise<{ code: number | null; out: string }> {
  return new Promise((resolve) => {
    execFile('python3', [script, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code) || null, out: stdout + stderr });
    });
  });
}
