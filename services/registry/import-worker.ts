import { parentPort, workerData } from 'node:worker_threads';
import { readImport, type KnownPark } from './import.ts';

/** Runs in a thread of its own (read-aside.ts). */
const { text, park } = workerData as { text: string; park: KnownPark };
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads, not a window
parentPort?.postMessage(readImport(text, park));
