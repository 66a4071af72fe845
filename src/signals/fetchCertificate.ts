/** Fetches a certificate over verified TLS: no redirect is followed, no more is read than a certificate may have. */
import { request } from "node:https";
import type { IncomingMessage } from "node:http";
import { CERTIFICATE_BYTES_MAX } from "./certificate.ts";
import type { FetchCertificate } from "./certificate.ts";

export interface HttpsOptions {
  /** PEM of the authority to trust instead of the system's; for tests against a local server. */
  readonly ca?: string;
}

export function createFetchCertificate(options: HttpsOptions = {}): FetchCertificate {
  return (url, signal) =>
    new Promise((resolve, reject) => {
      // Named, so that an environment that switches verification off for the whole process does not reach this request.
      const tls = { rejectUnauthorized: true, ...(options.ca === undefined ? {} : { ca: options.ca }) };
      const asking = request(url, { ...tls, signal, agent: false }, (answer) => {
        readBody(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body }), reject);
      });
      asking.on("error", reject);
      asking.end();
    });
}

/** Stops as soon as it is more than any certificate; what is too long is refused by whoever reads it. */
async function readBody(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > CERTIFICATE_BYTES_MAX) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}
