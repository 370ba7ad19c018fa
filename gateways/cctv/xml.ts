import { Parser } from 'saxen';

/** An element of an answer; namespaces are left out: the names that we look for are one per message. */
export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  /** By local name. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Its own text, trimmed. */
  readonly text: string;
}

export type ParsedXml =
  | { readonly ok: true; readonly root: XmlElement }
  | { readonly ok: false; readonly detail: string };

/** What an answer may be made of; a camera's longest is a tenth of it. */
export const xmlLimits = { characters: 512 * 1024, elements: 20_000, depth: 64 } as const;

interface Building {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: Building[];
  text: string;
}

/**
 * Reads an XML document of bounded size. A document type is refused, so nothing can define an entity; only the
 * entities of the standard are resolved.
 */
export function parseXml(text: string): ParsedXml {
  if (text.length > xmlLimits.characters) return { ok: false, detail: 'the answer is too long' };
  const parser = new Parser();
  const open: Building[] = [];
  let root: Building | undefined;
  let elements = 0;
  let fault: string | undefined;
  const refuse = (detail: string) => {
    fault ??= detail;
    parser.stop();
  };
  const addText = (piece: string) => {
    const element = open.at(-1);
    if (element !== undefined) element.text += piece;
  };
  parser
    .on('openTag', (name, attributes, decode) => {
      elements += 1;
      if (elements > xmlLimits.elements) return refuse('the answer has too many elements');
      if (open.length >= xmlLimits.depth) return refuse('the answer is nested too deeply');
      const element = {
        name: localName(name),
        attributes: readAttributes(attributes(), decode),
        children: [],
        text: '',
      };
      const parent = open.at(-1);
      if (parent === undefined && root !== undefined) return refuse('the answer has two roots');
      if (parent === undefined) root = element;
      else parent.children.push(element);
      open.push(element);
    })
    .on('closeTag', () => {
      const element = open.pop();
      if (element !== undefined) element.text = element.text.trim();
    })
    .on('text', (piece, decode) => addText(decode(piece)))
    .on('cdata', addText)
    .on('attention', (piece) => {
      if (/^<?!(doctype|entity)/i.test(piece)) refuse('the answer has a document type, which is not read');
    })
    .on('error', ({ message }) => refuse(`the answer is no XML: ${firstWords(message)}`))
    // A recoverable fault of an attribute: the rest is read all the same.
    .on('warn', () => undefined);
  try {
    parser.parse(text);
  } catch (error) {
    // It throws what it does not report, e.g. of a text without any element.
    refuse(`the answer is no XML: ${firstWords((error as Error).message)}`);
  }
  if (fault !== undefined) return { ok: false, detail: fault };
  if (root === undefined || open.length > 0) return { ok: false, detail: 'the answer is no whole XML' };
  return { ok: true, root };
}

/** The first element of this name at or below `within`, in the order of the document. */
export function find(within: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>(
    (element, name) => (element === undefined ? undefined : descend(element, name)),
    within,
  );
}

function descend(element: XmlElement, name: string): XmlElement | undefined {
  for (const child of element.children) {
    const found = child.name === name ? child : descend(child, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** All elements of this name below `within`, none of them inside another. */
export function findAll(within: XmlElement, name: string): XmlElement[] {
  return within.children.flatMap((child) => (child.name === name ? [child] : findAll(child, name)));
}

/** The text of the first element at this path; undefined when it is absent or empty. */
export function textAt(within: XmlElement | undefined, ...path: readonly string[]): string | undefined {
  return find(within, ...path)?.text || undefined;
}

export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

function readAttributes(
  given: Readonly<Record<string, string>>,
  decode: (text: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [localName(name), decode(value)]));
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function firstWords(message: string): string {
  return message.slice(0, 80).split('\n')[0] ?? '';
}
