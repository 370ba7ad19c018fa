import { readdirSync, readFileSync } from 'node:fs';

/** A mapping that comes with us: a text to begin with, in the form of PARK_CONFIG_FILE. */
export interface ReadyMade {
  readonly name: string;
  readonly text: string;
}

const folder = new URL('ready-made/', import.meta.url);

/** All of them, by name. */
export function readReadyMade(): ReadyMade[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => ({
      name: file.replace(/\.yaml$/, ''),
      text: readFileSync(new URL(file, folder), 'utf8'),
    }));
}
