import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** Relative base: the page works under any path that the sandbox server or a proxy gives it. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [react()],
  build: { outDir: "../../dist/page", emptyOutDir: true, sourcemap: false, modulePreload: { polyfill: false } },
});
