import { parentPort, workerData } from 'node:worker_threads';
import { readImportFile, type ImportFile } from './import-file.ts';
import type { KnownPark } from './import.ts';

/** Runs in a thread of its own (read-aside.ts). */
const { file, park } = workerData as { file: ImportFile; park: KnownPark };
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads, not a window
parentPort?.postMessage(await readImportFile(file, park));
