import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Log } from '#infra/log.ts';
import type { SessionMemory } from '../mqtt/external.ts';

const fileSchema = z.array(z.string());

/**
 * Keeps in a file what the broker's session is subscribed to. A session outlives us, and a mapping may be taken away while
 * we are stopped: without this its topic would be sent to us for ever.
 * A file that cannot be read or written is warned of: then only that is lost.
 */
export function sessionMemory(file: string, log: Log): SessionMemory {
  return {
    last() {
      try {
        return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
          log.warn({ err: error }, 'mapping: what the session was subscribed to cannot be read');
        }
        return [];
      }
    },
    keep(filters) {
      try {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(`${file}.new`, JSON.stringify(filters));
        renameSync(`${file}.new`, file);
      } catch (error) {
        log.warn({ err: error }, 'mapping: what the session is subscribed to cannot be kept');
      }
    },
  };
}
