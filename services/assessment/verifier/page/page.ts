import type { ByteSource } from '../platform.ts';
import { reportText } from '../report.ts';
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

async function check(pack: File, witness: File | null): Promise<void> {
  show('busy', '正在校验… checking…', '');
  try {
    const keyId = (part('key') as HTMLInputElement).value.trim();
    const verdict = await verifyPack(fileSource(pack), platform, {
      witness: witness === null ? undefined : await witness.text(),
      keyId: keyId === '' ? undefined : keyId,
      onRecord: async (done, of) => {
        show('busy', `正在校验 checking ${done} / ${of}`, '');
        // The page is drawn between two records.
        await new Promise((resolve) => {
          requestAnimationFrame(resolve);
        });
      },
    });
    report(verdict);
  } catch (error) {
    show('bad', '无法校验 The pack could not be checked', String(error));
  }
}

function report(verdict: Verdict): void {
  const title = verdict.holds ? '校验通过 VERIFIED' : '校验不通过 NOT VERIFIED';
  show(verdict.holds ? 'good' : 'bad', title, `${reportText(verdict, 'zh')}\n\n${reportText(verdict, 'en')}`);
}

function show(state: 'busy' | 'good' | 'bad', title: string, text: string): void {
  const verdict = part('verdict');
  verdict.dataset['state'] = state;
  verdict.textContent = title;
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
