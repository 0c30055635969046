import { defineConfig } from 'vite';
import { precompress } from './precompress.ts';
import { themeCss } from './theme-css.ts';

/** Builds the page into `dist/web`, from where the daemon serves it. `npm run web` serves it with a daemon behind it while it is worked on. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [themeCss(), precompress()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // Policy forbids inline data: everything is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // An alarm stands in the tests, by what travels.
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      // Directives for servers that render React, which we are not.
      onLog: (level, log, handle) => (log.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : handle(level, log)),
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8480', '/auth': 'http://127.0.0.1:8480' } },
});
