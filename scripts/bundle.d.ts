import type { BuildResult } from "esbuild";

/** Paths from `root`; `outdir` may be absolute. */
export function bundle(options: {
  readonly root: string;
  readonly entryPoints: readonly string[];
  readonly outdir: string;
}): Promise<BuildResult<{ metafile: true }>>;
