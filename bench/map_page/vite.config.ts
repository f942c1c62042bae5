import { resolve } from "node:path";
import preact from "@preact/preset-vite";
import { defineConfig } from "vite";

/** Build the page into the folder that MAP_PAGE_OUT names. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  publicDir: false,
  plugins: [preact({ devToolsEnabled: false })],
  build: {
    outDir: resolve(process.env.MAP_PAGE_OUT ?? "build"),
    emptyOutDir: true,
    target: "es2022",
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
});
