import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { PLACE, stampOf, WORKER } from './stamp.js';

const API = `http://127.0.0.1:${process.env.PORT ?? '3000'}`;
/** Below this many bytes a compressed copy saves nothing that anybody would notice. */
const WORTH_COMPRESSING = 512;
/** Scripts of the first load. */
const FIRST = new Set(['page', 'common']);

/** Puts the list of screens beside the page, so that the server knows which addresses are one. */
function screens(): Plugin {
  return {
    name: 'defdrive-screens',
    apply: 'build',
    generateBundle() {
      this.emitFile({
        type: 'asset',
        fileName: 'screens.json',
        source: readFileSync(join(import.meta.dirname, 'src/screens/screens.json')),
      });
    },
  };
}

/**
 * Tells the browser's engine that what the first screen loads is run at once: it then compiles it while it comes in, on another thread,
 * and not function by function when each is first called. (Chromium; to others it is a comment.)
 */
function compiledEarly(): Plugin {
  return {
    name: 'defdrive-compiled-early',
    apply: 'build',
    // After Vite has put its own list before the code: only what stands first of all is heeded.
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        for (const chunk of Object.values(bundle)) {
          if (chunk.type === 'chunk' && FIRST.has(chunk.name))
            chunk.code = `//# allFunctionsCalledOnLoad\n${chunk.code}`;
        }
      },
    },
  };
}

/** Stamps the service worker with what the page is, so that an installed one learns of every change. */
function stamped(): Plugin {
  return {
    name: 'defdrive-stamped',
    apply: 'build',
    writeBundle({ dir }) {
      const path = join(dir!, WORKER);
      const worker = readFileSync(path, 'utf8');
      if (!worker.includes(PLACE)) this.error(`${WORKER} has no place for the stamp`);
      writeFileSync(path, worker.replaceAll(PLACE, stampOf(dir!)));
    },
  };
}

/** Writes a compressed copy beside each text of the build, once, so that no request pays for it. */
function compressed(): Plugin {
  return {
    name: 'defdrive-compressed',
    apply: 'build',
    writeBundle({ dir }) {
      for (const name of readdirSync(dir!, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|svg|webmanifest|html)$/.test(name) || name === 'index.html') continue;
        const text = readFileSync(join(dir!, name));
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        if (text.length >= WORTH_COMPRESSING)
          writeFileSync(join(dir!, `${name}.br`), brotliCompressSync(text, { params }));
      }
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  // Addresses are relative: the drive may stand below any path.
  base: './',
  plugins: [svelte(), screens(), compiledEarly(), stamped(), compressed()],
  build: {
    outDir: '../../dist/apps/web',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      // How long each plugin took is of no interest to whoever starts the drive.
      checks: { pluginTimings: false },
      input: { page: 'index.html' },
      output: {
        entryFileNames: 'assets/[name]-[hash].js',
        // What every screen needs comes at once, and not in a dozen files of a few hundred bytes, each with its headers.
        codeSplitting: { groups: [{ name: 'common', test: /svelte[\\/]src|web[\\/]src[\\/](parts|state|api)[\\/]/ }] },
      },
    },
  },
  // In one piece, as a script of the old kind: what imports is none that every browser takes for a service worker. At the
  // root, since it stands for what is below it.
  worker: { format: 'iife', rolldownOptions: { output: { entryFileNames: 'worker.js' } } },
  server: {
    port: 5173,
    strictPort: true,
    host: '127.0.0.1',
    proxy: { '/api': API, '/link': API, '/docs': API },
  },
});
