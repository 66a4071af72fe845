/** The real fetch, against a TLS server on this machine: verified, bounded, no redirects. */
import { createServer } from "node:https";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { createSnsSigner } from "../../sandbox/aws/sns-signer.ts";
import type { SnsSigner } from "../../sandbox/aws/sns-signer.ts";
import { CERTIFICATE_BYTES_MAX } from "../../src/signals/certificate.ts";
import { createFetchCertificate } from "../../src/signals/fetchCertificate.ts";

let host: SnsSigner;
const closing: (() => void)[] = [];

beforeAll(() => {
  // TLS looks at the machine's own clock, so this certificate must be valid by it.
  host = createSnsSigner({ commonName: "localhost", validFrom: Date.now() - 60_000, validTo: Date.now() + 3_600_000 });
});
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer({ key: host.privateKeyPem, cert: host.certificatePem }, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `https://localhost:${String((server.address() as AddressInfo).port)}/x.pem`;
}

const open = (): AbortSignal => new AbortController().signal;

test("status and body come back as they are", async () => {
  const url = await serve((_, answer) => answer.writeHead(200).end("PEM"));
  expect(await createFetchCertificate({ ca: host.certificatePem })(url, open())).toEqual({ status: 200, body: "PEM" });
});

test("a redirect is an answer and is not followed", async () => {
  let asked = 0;
  const url = await serve((_, answer) => {
    asked += 1;
    answer.writeHead(302, { location: "/elsewhere" }).end();
  });
  expect((await createFetchCertificate({ ca: host.certificatePem })(url, open())).status).toBe(302);
  expect(asked).toBe(1);
});

test("a server that the system does not trust is refused, even when verification is switched off for the process", async () => {
  const url = await serve((_, answer) => answer.writeHead(200).end("PEM"));
  // Node warns about the switch once; the test's output stays readable without it.
  const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
  const before = process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  try {
    await expect(createFetchCertificate()(url, open())).rejects.toThrow(/self[- ]signed|certificate/i);
  } finally {
    if (before === undefined) delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"];
    else process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = before;
    warn.mockRestore();
  }
});

test("an endless answer is read only until it is longer than any certificate", async () => {
  const url = await serve((_, answer) => {
    answer.writeHead(200);
    const more = (): void => {
      while (!answer.destroyed && answer.write("x".repeat(1_024)));
    };
    answer.on("drain", more);
    more();
  });
  const { body } = await createFetchCertificate({ ca: host.certificatePem })(url, open());
  expect(body.length).toBeGreaterThan(CERTIFICATE_BYTES_MAX);
  expect(body.length).toBeLessThan(20 * CERTIFICATE_BYTES_MAX);
});

test("its signal ends the wait for a silent server", async () => {
  const controller = new AbortController();
  const url = await serve(() => controller.abort());
  await expect(createFetchCertificate({ ca: host.certificatePem })(url, controller.signal)).rejects.toThrow(/abort/i);
});
