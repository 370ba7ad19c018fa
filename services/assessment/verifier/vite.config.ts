import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** `npm run build:verifier`: dist/parkwatch-verify.mjs, one file that any Node >= 20 runs and that imports nothing but Node. */
export default defineConfig({
  root: fileURLToPath(new URL('../../../', import.meta.url)),
  publicDir: false,
  ssr: { noExternal: true },
  build: {
    ssr: 'services/assessment/verifier/standalone.ts',
    outDir: 'dist',
    emptyOutDir: false,
    target: 'node20',
    // People who must trust it should be able to read it.
    minify: false,
    rolldownOptions: { output: { entryFileNames: 'parkwatch-verify.mjs', banner: '#!/usr/bin/env node' } },
  },
});
