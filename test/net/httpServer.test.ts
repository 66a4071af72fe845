import { request } from "node:https";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createSnsSigner } from "../../sandbox/aws/sns-signer.ts";
import { startHttpServer, type Door, type HttpServer } from "../../src/net/httpServer.ts";
import { silentLog } from "../../src/ports/log.ts";

let server: HttpServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(doors: Record<string, Door>): Promise<string> {
  server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    doors: new Map(Object.entries(doors)),
    raw: new Map(),
    log: silentLog,
  });
  return server.url;
}

const echo: Door = {
  method: "POST",
  bytesMax: 10,
  take: async (body) => ({ status: 200, body: body.toString("utf8") }),
};

test("a door gets the exact bytes, whatever the content type says", async () => {
  const url = await start({ "/sns": echo });
  const answer = await fetch(`${url}/sns?x=1`, {
    method: "POST",
    body: "ü✓\n",
    headers: { "content-type": "text/plain" },
  });
  expect([answer.status, await answer.text()]).toEqual([200, "ü✓\n"]);
});

test("more bytes than the door takes are refused with 413, and the door is told", async () => {
  let told = 0;
  const url = await start({ "/sns": { ...echo, onTooLarge: () => (told += 1) } });
  const answer = await fetch(`${url}/sns`, { method: "POST", body: "x".repeat(11) });
  expect([answer.status, told]).toEqual([413, 1]);
});

test("unknown paths, wrong methods and a throwing door are answered, and the server lives on", async () => {
  const broken: Door = { method: "GET", bytesMax: 0, take: () => Promise.reject(new Error("boom")) };
  const url = await start({ "/sns": echo, "/broken": broken });
  expect((await fetch(`${url}/nothing`)).status).toBe(404);
  expect((await fetch(`${url}/sns`)).status).toBe(405);
  expect((await fetch(`${url}/broken`)).status).toBe(500);
  expect((await fetch(`${url}/sns`, { method: "POST", body: "ok" })).status).toBe(200);
});

test("a port that is in use is said so, with the setting to change", async () => {
  const url = await start({});
  const port = Number(new URL(url).port);
  const second = startHttpServer({ host: "127.0.0.1", port, doors: new Map(), raw: new Map(), log: silentLog });
  await expect(second).rejects.toMatchObject({
    code: "http-port",
    next: expect.stringContaining("MEDIC_HTTP_PORT") as string,
  });
});

test("closing waits for the request in hand and refuses new ones", async () => {
  let release = () => {};
  const slow: Door = {
    method: "GET",
    bytesMax: 0,
    take: () => new Promise((resolve) => (release = () => resolve({ status: 200, body: "done" }))),
  };
  const url = await start({ "/slow": slow });
  const inHand = fetch(`${url}/slow`, { headers: { connection: "close" } });
  while (String(release) === "() => {}") await new Promise((resolve) => setImmediate(resolve));
  const closed = server?.close();
  release();
  expect(await (await inHand).text()).toBe("done");
  await closed;
  const refused = await new Promise((resolve) =>
    connect(Number(new URL(url).port), "127.0.0.1").once("error", () => resolve(true)),
  );
  expect(refused).toBe(true);
});

test("with a certificate and key it speaks TLS", async () => {
  const day = 24 * 60 * 60 * 1000;
  const { certificatePem: cert, privateKeyPem: key } = createSnsSigner({
    validFrom: Date.now() - day,
    validTo: Date.now() + day,
    commonName: "localhost",
    alternativeNames: ["localhost"],
  });
  const doors = new Map([["/healthz", { ...echo, method: "GET" as const }]]);
  server = await startHttpServer({
    host: "127.0.0.1",
    port: 0,
    tls: { cert, key },
    doors,
    raw: new Map(),
    log: silentLog,
  });
  const { port } = new URL(server.url);
  expect(server.url).toMatch(/^https:/);
  const status = await new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path: "/healthz", ca: cert, servername: "localhost" }, (res) => {
      res.resume();
      resolve(res.statusCode);
    })
      .on("error", reject)
      .end();
  });
  expect(status).toBe(200);
});
