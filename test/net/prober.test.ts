import { createServer, type Server } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { wallClock } from "../../src/ports/clock.ts";
import { networkProber } from "../../src/net/prober.ts";

const prober = networkProber(wallClock);
const servers: { close(): void }[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function site(handler: Parameters<typeof createServer>[1]): Promise<string> {
  const server: Server = createServer(handler);
  servers.push({ close: () => (server.closeAllConnections(), server.close()) });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
}

const http = (url: string, extra: object = {}) => ({
  kind: "http" as const,
  url,
  statusMin: 200,
  statusMax: 399,
  timeoutMs: 2000,
  ...extra,
});

test("a status in range is good, and the sentence says which and how fast", async () => {
  const url = await site((_req, res) => res.end("ok"));
  expect(await prober.ask(http(url))).toMatchObject({
    good: true,
    detail: expect.stringMatching(/^status 200 in \d+ ms$/) as string,
  });
});

test("a status out of range is bad, and says what was wanted", async () => {
  const url = await site((_req, res) => res.writeHead(503).end());
  expect(await prober.ask(http(url))).toMatchObject({
    good: false,
    detail: expect.stringContaining("status 503, wanted 200 to 399") as string,
  });
});

test("the expected text must be there", async () => {
  const url = await site((_req, res) => res.end("maintenance page"));
  expect((await prober.ask(http(url, { text: "healthy" }))).good).toBe(false);
  expect((await prober.ask(http(url, { text: "maintenance" }))).good).toBe(true);
});

test("a redirect is its own status and is not followed", async () => {
  const url = await site((_req, res) => res.writeHead(302, { location: "http://127.0.0.1:1/" }).end());
  expect(await prober.ask(http(url, { statusMax: 299 }))).toMatchObject({
    good: false,
    detail: expect.stringContaining("302") as string,
  });
});

test("a server that never answers is timed out", async () => {
  const url = await site(() => undefined);
  expect(await prober.ask(http(url, { timeoutMs: 150 }))).toMatchObject({
    good: false,
    detail: "timed out after 0.15 s",
  });
});

test("nobody listening is connection refused, for HTTP and TCP", async () => {
  const server = createTcpServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  expect((await prober.ask({ kind: "tcp", host: "127.0.0.1", port, timeoutMs: 1000 })).good).toBe(true);
  await new Promise((resolve) => server.close(resolve));
  expect(await prober.ask({ kind: "tcp", host: "127.0.0.1", port, timeoutMs: 1000 })).toMatchObject({
    good: false,
    detail: "connection refused",
  });
  expect(await prober.ask(http(`http://127.0.0.1:${port}/`))).toMatchObject({
    good: false,
    detail: "connection refused",
  });
});

test("one machine is asked under the service's own name, wherever that name leads", async () => {
  const hosts: (string | undefined)[] = [];
  const url = await site((req, res) => {
    hosts.push(req.headers.host);
    res.end("ok");
  });
  const name = `shop.invalid:${new URL(url).port}`;
  expect((await prober.ask(http(`http://${name}/health`))).good).toBe(false);
  expect((await prober.ask(http(`http://${name}/health`, { connectTo: "127.0.0.1" }))).good).toBe(true);
  expect(hosts).toEqual([name]);
});

test("one machine that does not answer is bad, although the name does", async () => {
  const url = await site((_req, res) => res.end("ok"));
  expect((await prober.ask(http(url))).good).toBe(true);
  expect((await prober.ask(http(url, { connectTo: "::1" }))).good).toBe(false);
  const tcp = { kind: "tcp" as const, host: "127.0.0.1", port: Number(new URL(url).port), timeoutMs: 2000 };
  expect((await prober.ask(tcp)).good).toBe(true);
  expect((await prober.ask({ ...tcp, connectTo: "::1" })).good).toBe(false);
});
