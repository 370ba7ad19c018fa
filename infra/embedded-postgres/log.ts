import { closeSync, copyFileSync, fstatSync, openSync, readSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

/** Bytes of the server's log before it is moved to `.1`; twice that is all it can take. */
const maxLogBytes = 8 * 1024 * 1024;
/** How much of its end is read to tell why a server ended. */
const tailBytes = 4_096;
/** Longest line that is worth repeating in a sentence. */
const maxReasonLength = 300;

export function serverLogFile(folder: string): string {
  return join(folder, 'server.log');
}

/** Keeps the log small. The server appends to its open file, so that is emptied, not renamed. */
export function capServerLog(folder: string): void {
  const file = serverLogFile(folder);
  try {
    if (statSync(file).size <= maxLogBytes) return;
    copyFileSync(file, `${file}.1`);
    truncateSync(file);
  } catch {
    // No log yet, or no room for the copy: the next check tries again.
  }
}

/** The last complaint in the server's log, one line; empty when there is none. */
export function lastComplaint(folder: string): string {
  const lines = readTail(serverLogFile(folder)).trimEnd().split('\n');
  const worst = lines.findLast((line) => /\b(FATAL|PANIC|ERROR):/.test(line)) ?? lines.at(-1) ?? '';
  return worst.replace(/^.*?\b(?=(FATAL|PANIC|ERROR):)/, '').slice(0, maxReasonLength);
}

function readTail(file: string): string {
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    const { size } = fstatSync(handle);
    const buffer = Buffer.alloc(Math.min(size, tailBytes));
    readSync(handle, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8');
  } catch {
    return '';
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
