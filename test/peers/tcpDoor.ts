/** A door between a worker and a server that can be shut: refusing every connection, or taking it and never answering. */
import { connect, createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export interface TcpDoor {
  readonly endpoint: string;
  /** As if the server had ended: what is open breaks, what comes is refused. */
  refuse(): Promise<void>;
  /** As if the network swallowed everything. */
  hang(): void;
  open(): Promise<void>;
  close(): Promise<void>;
}

export async function startTcpDoor(behind: string): Promise<TcpDoor> {
  const { hostname, port } = new URL(behind);
  const sockets = new Set<Socket>();
  let hanging = false;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // One side breaking ends the other; nobody else needs to hear of it.
    socket.on("error", () => socket.destroy());
  };
  const server: Server = createServer((inner) => {
    keep(inner);
    if (hanging) return;
    const outer = connect(Number(port), hostname);
    keep(outer);
    inner.on("close", () => outer.destroy());
    outer.on("close", () => inner.destroy());
    inner.on("data", (part) => (hanging ? undefined : outer.write(part)));
    outer.on("data", (part) => (hanging ? undefined : inner.write(part)));
  });
  const listen = (at: number) =>
    new Promise<void>((resolve) => {
      server.listen(at, "127.0.0.1", () => resolve());
    });
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const shut = async () => {
    if (!server.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    breakAll();
    await closed;
  };
  await listen(0);
  const { port: own } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${own}`,
    refuse: shut,
    hang: () => {
      hanging = true;
    },
    open: async () => {
      hanging = false;
      // What was swallowed meanwhile is lost: those connections have no answer to wait for.
      breakAll();
      if (!server.listening) await listen(own);
    },
    close: shut,
  };
}
