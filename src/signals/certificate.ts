/**
 * The signing certificates of SNS: fetched once a URL, checked, kept. A certificate counts only if the answer is exactly one PEM
 * block and nothing else (a PEM hidden in XML is the known way to make a verifier swallow somebody else's key), its name is SNS's,
 * and it is valid by the given clock at every use.
 */
import { hasPassed } from "../ports/clock.ts";
import { X509Certificate } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { certificateNamesOf, regionOfCertificateUrl } from "./certificateUrl.ts";

/** Asks for a URL over verified TLS, without following redirects. Throws when there is no answer. */
export type FetchCertificate = (
  url: string,
  signal: AbortSignal,
) => Promise<{ readonly status: number; readonly body: string }>;

export type FoundKey =
  | { readonly kind: "key"; readonly key: KeyObject }
  | { readonly kind: "unreachable"; readonly message: string }
  | { readonly kind: "refused"; readonly code: "certificate" | "certificate-expired"; readonly message: string };

export interface Certificates {
  /** The key behind a URL that `regionOfCertificateUrl` has accepted. `now`: epoch ms. */
  readonly keyFor: (url: string, now: number) => Promise<FoundKey>;
}

export interface CertificatesOptions {
  readonly fetchCertificate: FetchCertificate;
  /** Aborts after the given time. Real time by default, because it bounds a real connection; tests give their own. */
  readonly abortAfter?: (ms: number) => AbortSignal;
}

/** SNS's certificates have about 2 KiB. */
export const CERTIFICATE_BYTES_MAX = 16 * 1024;
/** SNS gives up on us after 15 s; the answer must be out well before, whatever the certificate's host does. */
export const CERTIFICATE_TIMEOUT_MS = 3_000;
/** One certificate a region is in use at a time, two while they rotate. */
const CACHE_ENTRIES_MAX = 32;
/** Fetched again after a day, so that a withdrawn certificate does not live on here. */
const CACHE_TTL_MS = 24 * 60 * 60 * 1000;
/** When that is not possible now, the one at hand serves on while it is valid, and the host is asked again after this. */
const RETRY_AFTER_MS = 5 * 60 * 1000;
/** Names can be invented at will: this many fetches at once, the next one is told to come back. */
const FETCHES_MAX = 4;
const RSA_BITS_MIN = 2_048;

const ONE_PEM_BLOCK =
  /^-----BEGIN CERTIFICATE-----\r?\n((?:[A-Za-z0-9+/]{1,76}={0,2}\r?\n)+)-----END CERTIFICATE-----(?:\r?\n)?$/;

interface Kept {
  readonly key: KeyObject;
  readonly validFrom: number;
  readonly validTo: number;
  readonly fetchedAt: number;
}

type Got = { readonly kind: "kept"; readonly kept: Kept } | Exclude<FoundKey, { kind: "key" }>;

export function createCertificates(options: CertificatesOptions): Certificates {
  const cache = new Map<string, Kept>();
  const pending = new Map<string, Promise<Got>>();

  async function fetched(url: string, now: number): Promise<Got> {
    const waiting = pending.get(url);
    if (waiting !== undefined) return waiting;
    if (pending.size >= FETCHES_MAX)
      return { kind: "unreachable", message: "Too many certificates are being fetched at once." };
    const fetching = fetchAndRead(options, url, now);
    pending.set(url, fetching);
    try {
      return await fetching;
    } finally {
      pending.delete(url);
    }
  }

  function keep(url: string, kept: Kept): FoundKey {
    cache.delete(url);
    cache.set(url, kept);
    // A Map keeps the order of insertion: the first is the oldest.
    const [oldest] = cache.keys();
    if (cache.size > CACHE_ENTRIES_MAX && oldest !== undefined) cache.delete(oldest);
    return { kind: "key", key: kept.key };
  }

  return {
    keyFor: async (url, now) => {
      const cached = cache.get(url);
      const usable = cached !== undefined && isValid(cached, now) ? cached : undefined;
      if (usable !== undefined && !hasPassed({ now: () => now }, usable.fetchedAt, CACHE_TTL_MS))
        return { kind: "key", key: usable.key };
      const got = await fetched(url, now);
      if (got.kind === "unreachable" && usable !== undefined) {
        return keep(url, { ...usable, fetchedAt: now - CACHE_TTL_MS + RETRY_AFTER_MS });
      }
      if (got.kind !== "kept") {
        if (got.kind === "refused") cache.delete(url);
        return got;
      }
      if (isValid(got.kept, now)) return keep(url, got.kept);
      cache.delete(url);
      return { kind: "refused", code: "certificate-expired", message: "The certificate is not valid at this time." };
    },
  };
}

function isValid(kept: Kept, now: number): boolean {
  return kept.validFrom <= now && now <= kept.validTo;
}

async function fetchAndRead(options: CertificatesOptions, url: string, now: number): Promise<Got> {
  const signal = (options.abortAfter ?? ((ms) => AbortSignal.timeout(ms)))(CERTIFICATE_TIMEOUT_MS);
  try {
    const answer = await Promise.race([options.fetchCertificate(url, signal), aborted(signal)]);
    if (answer.status !== 200)
      return { kind: "unreachable", message: `The certificate's host answered ${String(answer.status)}.` };
    return readCertificate(answer.body, { url, now });
  } catch (error) {
    return {
      kind: "unreachable",
      message: `The certificate could not be fetched: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

/** A fetcher that ignores its signal must not hold up the door. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const stop = (): void => reject(new Error(`no answer within ${String(CERTIFICATE_TIMEOUT_MS)} ms`));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}

function readCertificate(body: string, from: { url: string; now: number }): Got {
  const refuse = (message: string): Got => ({ kind: "refused", code: "certificate", message });
  if (Buffer.byteLength(body) > CERTIFICATE_BYTES_MAX) return refuse("The certificate is larger than any of SNS's.");
  const block = ONE_PEM_BLOCK.exec(body)?.[1];
  if (block === undefined) return refuse("The answer is not exactly one PEM certificate.");
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(body);
  } catch {
    return refuse("The certificate cannot be read.");
  }
  if (!certificate.raw.equals(Buffer.from(block, "base64"))) return refuse("Something follows the certificate.");
  const names = certificateNamesOf(regionOfCertificateUrl(from.url) ?? "");
  if (!bearsOneOf(certificate, names)) return refuse("The certificate is not issued to SNS.");
  const { publicKey } = certificate;
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0;
  if (publicKey.asymmetricKeyType !== "rsa" || bits < RSA_BITS_MIN)
    return refuse("The certificate's key is not RSA of 2,048 bits.");
  const kept = {
    key: publicKey,
    validFrom: Date.parse(certificate.validFrom),
    validTo: Date.parse(certificate.validTo),
    fetchedAt: from.now,
  };
  if (Number.isNaN(kept.validFrom) || Number.isNaN(kept.validTo))
    return refuse("The certificate's dates cannot be read.");
  return { kind: "kept", kept };
}

/** The one common name, and the same among the alternative names; no wildcard, and no certificate authority. */
function bearsOneOf(certificate: X509Certificate, names: readonly string[]): boolean {
  const commonNames = certificate.subject.split("\n").filter((part) => part.startsWith("CN="));
  const name = commonNames[0]?.slice("CN=".length) ?? "";
  const alternatives = (certificate.subjectAltName ?? "").split(", ");
  return commonNames.length === 1 && names.includes(name) && alternatives.includes(`DNS:${name}`) && !certificate.ca;
}
