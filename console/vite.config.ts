/// <reference types="vitest/config" />
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import preact from "@preact/preset-vite";
import { defineConfig, type Plugin } from "vite";
import { phoneWorker, WORKER } from "./phone-worker.ts";

const HERE = import.meta.dirname;
/** DHARURA_PAGES_OUT: build elsewhere, to try a build without touching the one that is served. */
const PAGES = process.env.DHARURA_PAGES_OUT ?? resolve(HERE, "../responder_api/pages");

/** Write a .gz and a .br twin beside each file that shrinks, so that the server never compresses while people wait. */
function twins(): Plugin {
  return {
    name: "twins",
    apply: "build",
    closeBundle() {
      // A build that failed has made nothing, and says why itself.
      if (!existsSync(PAGES)) return;
      for (const entry of readdirSync(PAGES, { recursive: true, encoding: "utf-8" })) {
        const path = join(PAGES, entry);
        if (!/\.(html|js|css|svg|json|webmanifest)$/.test(entry) || !statSync(path).isFile()) continue;
        const data = readFileSync(path);
        const size = { [constants.BROTLI_PARAM_SIZE_HINT]: data.length, [constants.BROTLI_PARAM_QUALITY]: 10 };
        writeFileSync(`${path}.gz`, gzipSync(data, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(data, { params: size }));
      }
    },
  };
}

export default defineConfig({
  root: HERE,
  base: "/",
  publicDir: resolve(HERE, "public"),
  plugins: [preact({ devToolsEnabled: false }), phoneWorker(), twins()],
  build: {
    outDir: PAGES,
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      input: {
        ...Object.fromEntries(["console", "phone", "styleguide"].map((page) => [page, resolve(HERE, `${page}.html`)])),
        [WORKER]: resolve(HERE, "src/phone/worker.ts"),
      },
      // The worker keeps its name: a browser knows it by its address.
      output: { entryFileNames: ({ name }) => (name === WORKER ? "[name].js" : "assets/[name]-[hash].js") },
    },
  },
  server: {
    // `npm run dev` beside a running demo: the pages from source, everything else from the server.
    proxy: {
      "^/(sessions|me|live|intake|incidents|reports|assignments|alerts|responders|messages|wards|stations|sources|map|health|locate|gauges|deadletters|setup|basemap)": {
        target: process.env.DHARURA_SERVER ?? "http://127.0.0.1:8000",
        ws: true,
      },
    },
  },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
