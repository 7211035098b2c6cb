import { existsSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";
import { notFound } from "./api-context.ts";

const year_s = 31_536_000;

const missingPage = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Voltfog: pages are not built</title></head>
<body><h1>The pages are not built</h1>
<p>This process runs and takes data, but the folder of the web application is empty.</p>
<p>Run <code>npm run build</code> and load this page again; nothing needs a restart.</p>
<p>The same data is at <a href="/v1/summary">/v1</a>, described by <a href="/openapi.json">/openapi.json</a>.</p>
</body></html>
`;

/** Whether the built pages are there. */
export function webIsBuilt(webRoot: string): boolean {
  return existsSync(join(webRoot, "index.html"));
}

/**
 * The pages: files of the build, and index.html for every address of the application. Files under
 * assets/ carry their hash in the name, so browsers may keep them for good.
 */
export function webApp(app: FastifyInstance, options: { webRoot: string }, done: () => void): void {
  const root = resolve(options.webRoot);
  void app.register(fastifyStatic, {
    root,
    serve: false,
    cacheControl: false,
    preCompressed: true,
    dotfiles: "ignore",
    index: false,
    logLevel: "silent",
    setHeaders: (response, path) => {
      const kept = path.startsWith(join(root, "assets/"));
      response.header("cache-control", kept ? `public, max-age=${year_s}, immutable` : "no-cache");
    },
  });
  app.get<{ Params: { "*": string } }>("/*", {
    schema: { hide: true },
    handler: ({ params }, reply) => page(reply, { root, path: params["*"] }),
  });
  done();
}

function page(reply: FastifyReply, options: { root: string; path: string }): FastifyReply {
  const { root, path } = options;
  if (/^v\d+(\/|$)/.test(path)) throw notFound("NOT_FOUND", `no GET /${path}`);
  if (!webIsBuilt(root))
    return reply.status(503).type("text/html; charset=utf-8").send(missingPage);
  // An address of the application has no file ending; a file that is missing stays missing.
  const isFile = extname(path) !== "";
  return reply.sendFile(isFile ? path : "index.html");
}
