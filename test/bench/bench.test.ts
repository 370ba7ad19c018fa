import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { root } from '#test/kit/tree.ts';

/** Benchmarks run at their smallest size, so that they do not rot. What they measure then means nothing. */
const figures = {
  live: ['publish -> PUBACK at 20,000 readings/s, p99'],
  query: [
    'latest of 5,000 points, p95',
    'year of 500 meters by month, p95',
    'bytes a reading on disk, after a day',
  ],
  assessment: ['whole rubric over a year of 5,000 devices, median', 'operation.energy, median'],
  opcua: ['value changes of one server, held to the committed row'],
  soak: ['  acknowledged and lost', '  doubled'],
  ingest: ['10 values a packet, sustained', '1 value a packet, sustained', 'slowest of fastest, by points'],
};

for (const [name, expected] of Object.entries(figures)) {
  test(`bench:${name} runs and writes its figures`, { timeout: 240_000 }, async () => {
    const out = mkdtempSync(join(tmpdir(), 'parkwatch-bench-'));
    onTestFinished(() => rmSync(out, { recursive: true, force: true }));
    const file = join(root, 'test/bench', `${name}.ts`);
    const child = spawn(process.execPath, [file, '--smoke', '--out', relative(root, out)]);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code, output).toBe(0);
    const report = JSON.parse(readFileSync(join(out, `${name}.json`), 'utf8')) as {
      figures: { name: string; value: number | null }[];
    };
    const values = new Map(report.figures.map((figure) => [figure.name, figure.value]));
    for (const figure of expected) expect(values.get(figure), figure).toBeTypeOf('number');
    if (name === 'soak')
      expect([values.get(expected[0] ?? ''), values.get(expected[1] ?? '')]).toEqual([0, 0]);
  });
}
