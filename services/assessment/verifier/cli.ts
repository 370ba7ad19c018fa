import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { nodePlatform, openFile } from './node-platform.ts';
import { textOf } from './platform.ts';
import { reportText, type ReportLanguage } from './report.ts';
import { verifyPack, type Verdict } from './verify.ts';

const help = `Usage: parkwatch verify PACK [--witness FILE] [--key KEYID] [--lang zh|en] [--json]
       node parkwatch-verify.mjs PACK …   (the same, as one file that needs nothing but Node 20)

Checks every byte of an evidence pack and computes every score in it anew. Exit code 0 only when all holds.
校验证据包的每个字节，并从输入重新计算每个得分；全部相符时退出码为 0。

  --witness FILE  heads seen earlier (JSON): says since when history cannot have been changed unnoticed
                  先前保存的链头：说明自何时起历史不可能被悄悄改动
  --key KEYID     fails unless the pack is signed by this key
                  证据包必须由该密钥签名
  --lang zh|en    one language only / 只用一种语言
  --json          the verdict as JSON / 以 JSON 输出结论
`;

const usageError = 2;

export interface CliOutput {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

/** Runs the verifier; resolves to the exit code: 0 all holds, 1 it does not, 2 wrong usage. */
export async function runVerifier(argv: readonly string[], { out, error }: CliOutput): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        witness: { type: 'string' },
        key: { type: 'string' },
        lang: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
  } catch (problem) {
    error(`${(problem as Error).message}\n`);
    return usageError;
  }
  const { values, positionals } = parsed;
  const { lang } = values;
  if (values.help === true) {
    out(help);
    return 0;
  }
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0 || (lang !== undefined && lang !== 'zh' && lang !== 'en')) {
    error(help);
    return usageError;
  }
  let verdict: Verdict;
  try {
    const witness = values.witness === undefined ? undefined : await readWitness(values.witness);
    await using source = await openFile(file);
    verdict = await verifyPack(source, nodePlatform, { witness, keyId: values.key });
  } catch (problem) {
    error(`${(problem as Error).message}\n`);
    return usageError;
  }
  if (values.json === true) out(`${JSON.stringify(verdict, null, 2)}\n`);
  else {
    const languages: ReportLanguage[] = lang === undefined ? ['zh', 'en'] : [lang];
    out(`${languages.map((language) => reportText(verdict, language)).join('\n\n')}\n`);
  }
  return verdict.holds ? 0 : 1;
}

/** @throws Error when the file cannot be read, or is no text */
async function readWitness(file: string): Promise<string> {
  const text = textOf(await readFile(file));
  if (text === null) throw new Error(`${file} is not UTF-8`);
  return text;
}
