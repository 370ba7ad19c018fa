import { runVerifier } from '#services/assessment/verifier/cli.ts';

/** `parkwatch verify PACK`: exit code 0 only when every byte and every score holds. */
export function run(argv: string[]): Promise<number> {
  return runVerifier(argv, {
    out: (text) => process.stdout.write(text),
    error: (text) => process.stderr.write(text),
  });
}
