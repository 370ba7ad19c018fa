import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isNode, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import { z } from 'zod';
import { ConfigError } from '#infra/config.ts';
import { opcuaServerSchema } from '#schemas/opcua.ts';
import type { OpcuaServerConfig } from '#schemas/opcua.ts';

/** PARK_CONFIG_FILE, as far as OPC UA is concerned: `opcua:` is a list of servers. */
const fileSchema = z.strictObject({
  opcua: z
    .array(opcuaServerSchema)
    .default([])
    .superRefine((servers, context) => {
      servers.forEach(({ id }, index) => {
        if (servers.findIndex((other) => other.id === id) < index) {
          context.addIssue({ code: 'custom', path: [index, 'id'], message: `${id} is used twice` });
        }
      });
    }),
});

/** A file that holds more than this is no configuration. */
const fileBytesMost = 8 * 1024 * 1024;
/** Faults told at once. */
const faultsMost = 10;

/**
 * Reads the configured servers; a relative `passwordFile` is taken from the file's own folder.
 * @throws ConfigError with one line per fault: file, line, path, reason
 */
export function readOpcuaConfig(file: string): OpcuaServerConfig[] {
  const text = readText(file);
  return parseOpcuaConfig(text, file).map((server) =>
    server.passwordFile === undefined
      ? server
      : { ...server, passwordFile: resolve(dirname(file), server.passwordFile) },
  );
}

/** @param file only names the text in faults */
export function parseOpcuaConfig(text: string, file: string): OpcuaServerConfig[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const line = lines.linePos(broken.pos[0]).line;
    throw new ConfigError(`${file}:${line} is not YAML: ${broken.message.split('\n')[0]}`);
  }
  const parsed = fileSchema.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data.opcua;
  const faults = parsed.error.issues.map(({ path, message }) => {
    const offset = offsetOf(document, path);
    const line = offset === null ? 1 : lines.linePos(offset).line;
    return `${file}:${line} ${pathText(path)}: ${message}`;
  });
  const more = faults.length > faultsMost ? [`and ${faults.length - faultsMost} more`] : [];
  throw new ConfigError([...faults.slice(0, faultsMost), ...more].join('\n'));
}

function readText(file: string): string {
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

/** Where the value of a path stands, or the nearest thing around it that does. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | null {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return null;
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
}
