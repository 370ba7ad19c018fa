import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { parseOptions, toFieldFaults } from '#schemas/field-errors.ts';
import { ConfigError } from './config.ts';
import { openYaml, settingsLimits, type TextPlace, type YamlPath } from './yaml-text.ts';

/** What PARK_CONFIG_FILE may hold; each gateway reads its own section. */
export const configSections = ['opcua', 'cctv', 'mappings'] as const;
export type ConfigSection = (typeof configSections)[number];

/** A file that holds more than this is no configuration. */
const fileBytesMost = 8 * 1024 * 1024;
/** Faults told at once. */
const faultsMost = 10;

/** A fault of a text, where it stands. */
export interface SectionFault extends TextPlace {
  /** `mappings[0].values[2].unit`; empty for the text as a whole. */
  readonly path: string;
  readonly message: string;
}

export type ReadSection<T> =
  | { readonly ok: true; readonly value: T }
  /** In the order of the text. */
  | { readonly ok: false; readonly faults: readonly SectionFault[] };

/** @throws ConfigError in one sentence */
export function readConfigFile(file: string): string {
  try {
    const bytes = readFileSync(file);
    if (bytes.length > fileBytesMost)
      throw new ConfigError(`PARK_CONFIG_FILE names ${file}, which is too large.`);
    return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`PARK_CONFIG_FILE names ${file}, which cannot be read (${code}).`);
  }
}

/** Reads one section of a text; an absent one is what its schema makes of nothing. Other sections are not looked into. */
export function readSection<T extends z.ZodType>(
  text: string,
  section: ConfigSection,
  schema: T,
): ReadSection<z.output<T>> {
  const opened = openYaml(text, settingsLimits);
  if (!opened.ok) {
    return {
      ok: false,
      faults: opened.faults.map((fault) => ({
        ...fault,
        path: '',
        message: `is not YAML: ${firstLine(fault.message)}`,
      })),
    };
  }
  const { document } = opened;
  const faults: SectionFault[] = [];
  const report = (path: YamlPath, message: string, onKey: boolean) =>
    faults.push({ path: pathText(path), message, ...document.placeOf(path, onKey) });
  const plain = document.toPlain();
  if (!plain.ok) report([], plain.message, false);
  const content = plain.ok ? (plain.value ?? {}) : {};
  if (typeof content !== 'object' || Array.isArray(content)) {
    report([], `is a map of ${configSections.join(', ')}`, false);
    return { ok: false, faults };
  }
  for (const key of Object.keys(content)) {
    if (!(configSections as readonly string[]).includes(key))
      report([key], `"${key}" is not a field here`, true);
  }
  const given = (content as Readonly<Record<string, unknown>>)[section];
  const parsed = schema.safeParse(given ?? undefined, parseOptions);
  if (!parsed.success) {
    for (const { segments, message, unknownField } of toFieldFaults(parsed.error)) {
      report([section, ...segments], message, unknownField);
    }
  }
  if (parsed.success && faults.length === 0) return { ok: true, value: parsed.data };
  return { ok: false, faults: faults.sort((a, b) => a.line - b.line || a.column - b.column) };
}

/** One line for each fault: file, line, path, reason; of very many the first. */
export function faultLines(faults: readonly SectionFault[], file: string): string {
  const lines = faults.map(({ line, path, message }) =>
    path === '' ? `${file}:${line} ${message}` : `${file}:${line} ${path}: ${message}`,
  );
  const more = lines.length > faultsMost ? [`and ${lines.length - faultsMost} more`] : [];
  return [...lines.slice(0, faultsMost), ...more].join('\n');
}

function firstLine(message: string): string {
  return message.split('\n')[0] ?? message;
}

function pathText(path: YamlPath): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}
