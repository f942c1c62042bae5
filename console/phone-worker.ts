/**
 * Write into the phone page's service worker which files the page is made of, and the version that they are together.
 *
 * You are in the build, after the files are named and before their compressed twins are made. The list is the page, what
 * it loads at once (scripts, styles), its manifest and icons; what is loaded on demand (the map) is not in it.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

export const WORKER = "phone-sw";
const BESIDE = ["phone.webmanifest", "icon.svg", "icons/phone-192.png"];
const PLACE = '"__PHONE_FILES__"';

interface Chunk {
  readonly type: "chunk";
  readonly fileName: string;
  readonly facadeModuleId?: string | null;
  readonly imports: readonly string[];
  readonly viteMetadata?: { readonly importedCss: ReadonlySet<string> };
}

export function phoneWorker(): Plugin {
  return {
    name: "phone-worker",
    apply: "build",
    writeBundle(options, bundle) {
      const folder = options.dir ?? "";
      const chunks = new Map<string, Chunk>();
      for (const made of Object.values(bundle)) if (made.type === "chunk") chunks.set(made.fileName, made as unknown as Chunk);
      const page = [...chunks.values()].find((chunk) => chunk.facadeModuleId?.endsWith("/phone.html"));
      if (page === undefined) throw new Error("the phone page is not among what was built");
      const made = [...loadedAtOnce(page, chunks), ...BESIDE].sort();
      const version = createHash("sha256");
      for (const name of ["phone.html", ...made]) version.update(readFileSync(join(folder, name)));
      const files = ["/phone", ...made.map((name) => `/${name}`)];
      const list = JSON.stringify({ version: version.digest("hex").slice(0, 12), files });
      const worker = join(folder, `${WORKER}.js`);
      const code = readFileSync(worker, "utf-8");
      const quoted = ["`__PHONE_FILES__`", PLACE, "'__PHONE_FILES__'"].find((each) => code.includes(each));
      if (quoted === undefined) throw new Error("the service worker has no place for the list of files");
      writeFileSync(worker, code.replace(quoted, JSON.stringify(list)));
    },
  };
}

function loadedAtOnce(page: Chunk, chunks: ReadonlyMap<string, Chunk>): Set<string> {
  const found = new Set<string>();
  const follow = (chunk: Chunk): void => {
    if (found.has(chunk.fileName)) return;
    found.add(chunk.fileName);
    chunk.viteMetadata?.importedCss.forEach((name) => found.add(name));
    for (const name of chunk.imports) {
      const next = chunks.get(name);
      if (next) follow(next);
    }
  };
  follow(page);
  return found;
}
