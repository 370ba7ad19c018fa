import { runVerifier } from './cli.ts';

// The entry of dist/parkwatch-verify.mjs, which is run and never imported.
process.exitCode = await runVerifier(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  error: (text) => process.stderr.write(text),
});
