import { faultLines, readSection, type ReadSection } from '#infra/config-file.ts';
import { ConfigError } from '#infra/config.ts';
import { mappingListSchema } from '#schemas/mapping.ts';
import { compileMappings, type MappingSet } from './compile.ts';

const listSchema = mappingListSchema.default([]);

/** Reads `mappings:` of a text; every fault with its line. */
export function parseMappings(text: string): ReadSection<MappingSet> {
  const read = readSection(text, 'mappings', listSchema);
  return read.ok ? { ok: true, value: compileMappings(read.value) } : read;
}

/**
 * The mappings of a text that has to be right.
 * @param file only names the text in faults
 * @throws ConfigError with one line per fault: file, line, path, reason
 */
export function requireMappings(text: string, file: string): MappingSet {
  const read = parseMappings(text);
  if (read.ok) return read.value;
  throw new ConfigError(faultLines(read.faults, file));
}
