import {
  isCollection,
  isMap,
  isPair,
  isScalar,
  Lexer,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
} from 'yaml';

/** What a text of ours may be; a parser would take gigabytes for a few megabytes of nested brackets. */
export interface YamlLimits {
  /** Brackets within brackets, or indicators on one line. */
  readonly nesting: number;
  /** Words, signs and gaps. */
  readonly tokens: number;
  /** What aliases may multiply the document by. */
  readonly aliases: number;
}

/** For a file of settings. */
export const settingsLimits: YamlLimits = { nesting: 32, tokens: 1_000_000, aliases: 10_000 };

/** Both from 1. */
export interface TextPlace {
  readonly line: number;
  readonly column: number;
}

export interface YamlFault extends TextPlace {
  readonly message: string;
}

export type YamlPath = readonly (string | number)[];

export interface YamlDocument {
  /** As JavaScript values; refused when aliases or nesting make too much of it. */
  toPlain():
    | { readonly ok: true; readonly value: unknown }
    | { readonly ok: false; readonly message: string };
  /** Where a path stands in the text; the nearest thing around it when it stands nowhere. `onKey`: its key. */
  placeOf(path: YamlPath, onKey?: boolean): TextPlace;
}

export type OpenedYaml =
  | { readonly ok: true; readonly document: YamlDocument }
  | { readonly ok: false; readonly faults: readonly YamlFault[] };

/** Reads YAML, or JSON (which is YAML), and knows afterwards on which line everything stands. Double keys are faults. */
export function openYaml(text: string, limits: YamlLimits): OpenedYaml {
  const tangle = findTangle(text, limits);
  if (tangle !== null) {
    return { ok: false, faults: [{ message: 'is nested too deeply, or divided too finely', ...tangle }] };
  }
  const lines = new LineCounter();
  const place = (offset: number): TextPlace => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const faults = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    message,
    ...place(pos[0]),
  }));
  faults.push(...findDoubleKeys(document).map(({ offset, message }) => ({ message, ...place(offset) })));
  if (faults.length > 0) return { ok: false, faults };
  return {
    ok: true,
    document: {
      toPlain: () => toPlain(document, limits),
      placeOf: (path, onKey = false) => place(offsetOf(document, path, onKey)),
    },
  };
}

function toPlain(document: Document, limits: YamlLimits): ReturnType<YamlDocument['toPlain']> {
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: limits.aliases }) as unknown };
  } catch (error) {
    const message = error instanceof RangeError ? 'is nested too deeply' : 'aliases multiply it too much';
    return { ok: false, message };
  }
}

/** Looked for in the tokens, before the parser makes anything of them. */
function findTangle(text: string, limits: YamlLimits): TextPlace | null {
  let offset = 0;
  let tokens = 0;
  let flow = 0;
  let inLine = 0;
  let line = 1;
  let lineStart = 0;
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') flow++;
    else if (token === ']' || token === '}') flow = Math.max(0, flow - 1);
    else if (flow === 0 && indicators.test(token)) inLine++;
    const tangled = flow > limits.nesting || inLine > limits.nesting;
    if (tangled || ++tokens > limits.tokens) return { line, column: offset - lineStart + 1 };
    // Of the lexer's own signs (document, flow end, scalar) none stands in the text.
    if (!lexerSigns.has(token)) offset += token.length;
    for (let at = token.indexOf('\n'); at >= 0; at = token.indexOf('\n', at + 1)) {
      line++;
      lineStart = offset - token.length + at + 1;
      inLine = 0;
    }
  }
  return null;
}

/** Entry, key, value, anchor, alias, tag. */
const indicators = /^([-?:]|[&*!].*)$/;
const lexerSigns = new Set(['\u0002', '\u0018', '\u001f']);

/** The library's own check compares every key with every other: minutes for a large map. */
function findDoubleKeys(document: Document): { offset: number; message: string }[] {
  const faults: { offset: number; message: string }[] = [];
  visit(document, {
    Map: (_key, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const text = keyText(key);
        if (seen.has(text)) {
          faults.push({ offset: startOf(key) ?? 0, message: `the key "${text}" stands here twice` });
        }
        seen.add(text);
      }
    },
  });
  return faults;
}

function offsetOf(document: Document, path: YamlPath, onKey: boolean): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, part] of path.entries()) {
    if (!isCollection(node)) return offset;
    const last = depth === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && keyText(item.key) === String(part));
      if (pair === undefined) return offset;
      offset =
        (last && onKey ? startOf(pair.key) : undefined) ?? startOf(pair.value) ?? startOf(pair.key) ?? offset;
      node = pair.value;
    } else {
      node = node.items[Number(part)];
      offset = startOf(node) ?? offset;
    }
  }
  return offset;
}

function keyText(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
