import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// What is built is for people, whatever NODE_ENV the shell or a test runner happens to set.
process.env['NODE_ENV'] = 'production';

/** `vite build dashboards`: static files under dashboards/dist that the API serves; nothing is fetched from elsewhere. */
export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2023',
    // test/dashboards/bundle.test.ts reads it to hold the budget of the first load.
    manifest: true,
    // A font or picture inlined as data: would need a wider content security policy.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1_500,
  },
  server: {
    proxy: {
      '/api': 'http://127.0.0.1:8080',
      '/readyz': 'http://127.0.0.1:8080',
      '/socket.io': { target: 'http://127.0.0.1:8080', ws: true },
    },
  },
});
