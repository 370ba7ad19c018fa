import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What the boxes remember over a restart: up to when everything was acknowledged, and each device's counter. */
const stateSchema = z.strictObject({
  v: z.literal(1),
  seed: z.number(),
  sentThroughMs: z.number(),
  sequence: z.record(z.string(), z.int().nonnegative()),
});
export type SimulatorState = Omit<z.infer<typeof stateSchema>, 'v'>;

function fileOf(stateDir: string, parkId: string): string {
  return join(stateDir, `simulator-${parkId}.json`);
}

/** The remembered state, or null when there is none, it is damaged, or it belongs to another seed. */
export async function readState(
  stateDir: string,
  parkId: string,
  seed: number,
): Promise<SimulatorState | null> {
  try {
    const text = await readFile(fileOf(stateDir, parkId), 'utf8');
    const parsed = stateSchema.safeParse(JSON.parse(text));
    return parsed.success && parsed.data.seed === seed ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Replaces the file in one step, so that a kill leaves the old or the new one. */
export async function writeState(stateDir: string, parkId: string, state: SimulatorState): Promise<void> {
  await mkdir(stateDir, { recursive: true });
  const file = fileOf(stateDir, parkId);
  await writeFile(`${file}.new`, JSON.stringify({ v: 1, ...state }));
  await rename(`${file}.new`, file);
}
