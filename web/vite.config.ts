import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/** One bundle without any request to elsewhere; served by the cloud process. */
export default defineConfig({
  plugins: [svelte()],
  resolve: { conditions: ["source", "browser", "import", "default"] },
  build: { target: "es2022", sourcemap: false, chunkSizeWarningLimit: 400 },
  server: { proxy: { "/v1": "http://127.0.0.1:8080", "/openapi.json": "http://127.0.0.1:8080" } },
});
