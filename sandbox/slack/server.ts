import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { answerControl } from "./control.ts";
import { httpDoor } from "./http-door.ts";
import { createSocketMode, type SocketMode } from "./socket-mode.ts";
import type { Workspace } from "./workspace.ts";

export interface PretendSlackOptions {
  readonly workspace: Workspace;
  /** 0 takes a free one. */
  readonly port?: number;
  readonly host?: string;
  /** Lets other processes act for people and switch faults under `/control/`. Off by default. */
  readonly control?: boolean;
}

export interface PretendSlack {
  /** For example `http://127.0.0.1:40123`. */
  readonly url: string;
  /** What SLACK_API_URL must be: `${url}/api/`. */
  readonly apiUrl: string;
  readonly workspace: Workspace;
  readonly sockets: SocketMode;
  readonly server: Server;
  stop(): Promise<void>;
}

/** The pretend Slack on a real port: Web API, response URLs and Socket Mode. */
export async function startPretendSlack(options: PretendSlackOptions): Promise<PretendSlack> {
  const { workspace } = options;
  const host = options.host ?? "127.0.0.1";
  const sockets = createSocketMode(workspace);
  const server = createServer(
    httpDoor((request) => {
      const isControl = options.control === true && new URL(request.url).pathname.startsWith("/control/");
      return isControl ? answerControl(workspace, sockets, request) : workspace.handle(request);
    }),
  );
  server.on("upgrade", (request, socket, head) => {
    if (new URL(request.url ?? "/", "http://slack").pathname === "/link") sockets.upgrade(request, socket, head);
    else socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  workspace.setBaseUrl(url);
  return {
    url,
    apiUrl: `${url}/api/`,
    workspace,
    sockets,
    server,
    async stop() {
      await sockets.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
