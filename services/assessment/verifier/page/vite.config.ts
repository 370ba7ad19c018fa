import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** `npm run build:verifier`: dist/parkwatch-verify.html, one page that fetches nothing and may connect to nowhere. */
export default defineConfig({
  root: here('../../../../'),
  publicDir: false,
  plugins: [onePage()],
  build: {
    outDir: 'dist',
    emptyOutDir: false,
    target: 'es2022',
    // People who must trust it should be able to read it.
    minify: false,
    rolldownOptions: { input: here('page.ts'), output: { format: 'iife' } },
  },
});

/** Puts script and style into the page, and a policy that allows these two and nothing else. */
function onePage(): Plugin {
  return {
    name: 'one-page',
    generateBundle(_options, bundle) {
      const chunk = Object.values(bundle).find((entry) => entry.type === 'chunk');
      if (chunk === undefined) throw new Error('no script was built');
      for (const name of Object.keys(bundle)) delete bundle[name];
      // Inside a page the end of a script is the first place that looks like it.
      const script = `\n${chunk.code.replaceAll('</script', String.raw`<\/script`)}`;
      const style = `\n${readFileSync(here('page.css'), 'utf8')}`;
      const policy = `default-src 'none'; script-src '${digest(script)}'; style-src '${digest(style)}'; base-uri 'none'; form-action 'none'`;
      const source = readFileSync(here('page.html'), 'utf8')
        .replace('<!-- policy -->', `<meta http-equiv="Content-Security-Policy" content="${policy}" />`)
        .replace('<!-- style -->', () => `<style>${style}</style>`)
        .replace('<!-- script -->', () => `<script>${script}</script>`);
      this.emitFile({ type: 'asset', fileName: 'parkwatch-verify.html', source });
    },
  };
}

const digest = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`;
