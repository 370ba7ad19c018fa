import { Worker } from 'node:worker_threads';
import type { Clock } from '#infra/clock.ts';
import { readImportFile, type ImportFile } from './import-file.ts';
import type { ImportReading, KnownPark } from './import.ts';

/** Below this a file is read in a few milliseconds, and a thread would take longer to start. */
const inlineBytes = 64 * 1024;
/** The largest park that is taken needs half of it. */
const heapMb = 1_536;

/** Twenty times what the largest park needs. */
const longestMs = 60_000;

/**
 * Reads a file like readImportFile, a large one in a thread of its own: gateways in this process go on meanwhile, and a
 * file that was made to eat memory or time ends the thread and nothing else.
 */
export async function readImportAside(
  file: ImportFile,
  park: KnownPark,
  clock: Clock,
): Promise<ImportReading> {
  // A workbook is packed: how much is in it is only known when it is opened.
  if (file.format !== 'xlsx' && file.bytes.length < inlineBytes) return readImportFile(file, park);
  const worker = new Worker(new URL('./import-worker.ts', import.meta.url), {
    workerData: { file, park },
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });
  const read = new Promise<ImportReading>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') resolve(refusal('takes too much memory to read'));
      else reject(error);
    });
    worker.once('exit', () => resolve(refusal('takes too long to read')));
  });
  using _deadline = clock.after(longestMs, () => void worker.terminate());
  return await read;
}

function refusal(message: string): ImportReading {
  return {
    ok: false,
    count: 1,
    errors: [{ path: '', message: `${message}; split the file`, line: 1, column: 1 }],
  };
}
