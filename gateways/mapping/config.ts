import { faultLines, readConfigFile, readSection, type ReadSection } from '#infra/config-file.ts';
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
 * Reads the mappings of PARK_CONFIG_FILE.
 * @throws ConfigError with one line per fault: file, line, path, reason
 */
export function readMappings(file: string): MappingSet {
  const read = parseMappings(readConfigFile(file));
  if (read.ok) return read.value;
  throw new ConfigError(faultLines(read.faults, file));
}
