/**
 * Which URLs may name a signing certificate. The pattern is the whole URL on purpose: parsing first and checking parts afterwards
 * is how other verifiers came to accept `https://sns.us-east-1.amazonaws.com/?Action=…&x=.pem`, `https://user@sns…` and
 * `https://sns.s3-us-west-2.amazonaws.com/evil.pem`, which is a storage bucket that anybody can own.
 */
import { isRegionCode } from "./region.ts";

const CERTIFICATE_URL =
  /^https:\/\/sns\.([a-z0-9-]{3,32})\.amazonaws\.(com|com\.cn)\/SimpleNotificationService-[A-Za-z0-9]{32}\.pem$/;

/** The region in the URL, or null when SNS would not use such a URL. */
export function regionOfCertificateUrl(url: string): string | null {
  const [, region = "", suffix = ""] = CERTIFICATE_URL.exec(url) ?? [];
  if (!isRegionCode(region) || region.startsWith("s3-")) return null;
  return region.startsWith("cn-") === (suffix === "com.cn") ? region : null;
}

/**
 * The names that SNS's certificate may bear. Older regions share one; opt-in regions, GovCloud and China have their own.
 */
export function certificateNamesOf(region: string): readonly string[] {
  if (region.startsWith("cn-")) return ["sns.amazonaws.com", `sns-${region}.amazonaws.com.cn`];
  if (region.startsWith("us-gov-")) return ["sns.amazonaws.com", "sns-us-gov-west-1.amazonaws.com"];
  return ["sns.amazonaws.com", `sns-signing.${region}.amazonaws.com`];
}
