import type { ByteSource } from '../platform.ts';
import { headlines, reportText, verdictWords, type ReportLanguage } from '../report.ts';
import { verifyPack, type Verdict } from '../verify.ts';
import { createBrowserPlatform } from './browser-platform.ts';

/** The offline page: a pack and, if somebody kept one, a witness are dropped on it; nothing leaves the machine. */
const platform = createBrowserPlatform();

interface Chosen {
  pack: File | null;
  witness: File | null;
}
const chosen: Chosen = { pack: null, witness: null };

function part(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`no #${id}`);
  return element;
}

function fileSource(file: File): ByteSource {
  return {
    size: file.size,
    read: async (offset, length) => new Uint8Array(await file.slice(offset, offset + length).arrayBuffer()),
  };
}

/** A pack is a ZIP; whatever else is dropped is taken for the witness. */
function choose(files: readonly File[]): void {
  for (const file of files) {
    if (/\.(json|txt)$/i.test(file.name)) chosen.witness = file;
    else chosen.pack = file;
  }
  part('pack-name').textContent = chosen.pack?.name ?? '';
  part('witness-name').textContent = chosen.witness?.name ?? '';
  if (chosen.pack !== null) void check(chosen.pack, chosen.witness);
}

/** Of several checks that overlap only the last that was asked for is shown. */
let newest = 0;

async function check(pack: File, witness: File | null): Promise<void> {
  const own = (newest += 1);
  shown = null;
  show('busy', { zh: '正在校验…', en: 'Checking…' });
  try {
    const keyId = (part('key') as HTMLInputElement).value.trim();
    const verdict = await verifyPack(fileSource(pack), platform, {
      witness: witness === null ? undefined : await witness.text(),
      keyId: keyId === '' ? undefined : keyId,
      onRecord: async (done, of) => {
        if (own === newest) show('busy', { zh: `正在校验 ${done} / ${of}`, en: `Checking ${done} of ${of}` });
        // The page is drawn between two records.
        await new Promise((resolve) => {
          requestAnimationFrame(resolve);
        });
      },
    });
    if (own !== newest) return;
    shown = verdict;
    report(verdict);
  } catch (error) {
    if (own !== newest) return;
    show('bad', { zh: '无法校验', en: 'The pack could not be checked' }, [], String(error));
  }
}

/** What stands on the page, to be told again in the other language. */
let shown: Verdict | null = null;
let language: ReportLanguage = navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';

function speak(chosenLanguage: ReportLanguage): void {
  language = chosenLanguage;
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  for (const button of document.querySelectorAll('button')) {
    button.setAttribute('aria-pressed', String(button.dataset['language'] === language));
  }
  if (shown !== null) report(shown);
}

function report(verdict: Verdict): void {
  const { title } = verdictWords(verdict);
  show(verdict.holds ? 'good' : 'bad', title, headlines(verdict, language), reportText(verdict, language));
}

function show(
  state: 'busy' | 'good' | 'bad',
  title: { zh: string; en: string },
  lines: readonly string[] = [],
  text = '',
): void {
  const verdict = part('verdict');
  verdict.dataset['state'] = state;
  const heading = document.createElement('b');
  heading.textContent = title[language];
  const told = lines.map((line) => {
    const element = document.createElement('div');
    element.textContent = line;
    return element;
  });
  verdict.replaceChildren(heading, ...told);
  part('report').textContent = text;
}

const drop = part('drop');
drop.addEventListener('dragover', (event) => {
  event.preventDefault();
  drop.classList.add('over');
});
drop.addEventListener('dragleave', () => drop.classList.remove('over'));
drop.addEventListener('drop', (event) => {
  event.preventDefault();
  drop.classList.remove('over');
  choose([...(event.dataTransfer?.files ?? [])]);
});
const input = part('file') as HTMLInputElement;
input.addEventListener('change', () => choose([...(input.files ?? [])]));
part('key').addEventListener('change', () => choose([]));
for (const button of document.querySelectorAll('button')) {
  button.addEventListener('click', () => speak(button.dataset['language'] === 'zh' ? 'zh' : 'en'));
}
speak(language);
