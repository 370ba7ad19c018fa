import { fileURLToPath } from 'node:url';

/** The font travels with us: none is taken from the machine. Its file by name. */
export function fontFile(name: 'NotoSansHans-Regular.otf' | 'NotoSansHans-Bold.otf'): string {
  return fileURLToPath(new URL(`../fonts/${name}`, import.meta.resolve('@embedpdf/fonts-sc')));
}
