import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize, sep } from "node:path";
import { WebSocketServer, type WebSocket } from "ws";
import { createPageSession } from "./page-session.ts";
import type { AccountPanel } from "./page-protocol.ts";
import type { Workspace } from "./slack/workspace.ts";

export interface PageServerOptions {
  readonly workspace: Workspace;
  readonly panel: AccountPanel;
  /** The built page: the folder that `vite build sandbox/page` wrote. */
  readonly root: string;
  /** 0 takes a free one. */
  readonly port?: number;
  readonly host?: string;
}

export interface PageServer {
  readonly url: string;
  stop(): Promise<void>;
}

const contentTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** The page may load nothing from anywhere else: the sandbox must work on a train. */
const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** Serves the page and its WebSocket `/page`. Rejects when the port is taken. */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const host = options.host ?? "127.0.0.1";
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1_000_000 });
  const server = createServer((request, response) => {
    staticFile(options.root, request.url ?? "/").then(
      ({ status, type, body }) => {
        response.writeHead(status, {
          "content-type": type,
          "content-security-policy": pagePolicy,
          "cache-control": "no-cache",
          "x-content-type-options": "nosniff",
        });
        response.end(body);
      },
      (error: unknown) => response.writeHead(500, { "content-type": "text/plain" }).end(String(error)),
    );
  });
  server.on("upgrade", (request, socket, head) => {
    if (new URL(request.url ?? "/", "http://page").pathname !== "/page" || !isSameOrigin(request)) {
      socket.destroy();
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => openSession(options, opened));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${port}/`,
    async stop() {
      sockets.clients.forEach((socket) => socket.terminate());
      sockets.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Another site open in the same browser must not break machines here. */
function isSameOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  return origin === undefined || new URL(origin).host === host;
}

function openSession({ workspace, panel }: PageServerOptions, socket: WebSocket): void {
  const session = createPageSession({
    workspace,
    panel,
    send: (message) => {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
    },
  });
  socket.on("message", (data) => session.receive(Buffer.isBuffer(data) ? data.toString("utf8") : ""));
  socket.on("error", () => socket.terminate());
  socket.on("close", () => session.end());
}

async function staticFile(
  root: string,
  url: string,
): Promise<{ readonly status: number; readonly type: string; readonly body: Buffer | string }> {
  const path = decodeURIComponent(new URL(url, "http://page").pathname);
  const file = normalize(join(root, path === "/" ? "index.html" : path));
  const type = contentTypes[extname(file)];
  if (!file.startsWith(normalize(root + sep)) || type === undefined) {
    return { status: 404, type: "text/plain", body: "not found" };
  }
  try {
    return { status: 200, type, body: await readFile(file) };
  } catch {
    return {
      status: 404,
      type: "text/plain",
      body: path === "/" ? "The page is not built: npm run build" : "not found",
    };
  }
}
