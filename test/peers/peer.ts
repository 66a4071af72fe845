/**
 * Peers are real programs that are not part of this repository. Where one is missing, its suite is skipped and says how to
 * install it; on CI a missing peer is a failure, so that a suite can never vanish unseen.
 */
import { createServer } from "node:net";
import { describe, it } from "vitest";

/**
 * `describe` where the peer is present. Absent: a skipped suite with the install line in its title, or on CI a failing one.
 *
 *     const withJava = requirePeer("java", inject("peers").dynamoDbLocal, "apt-get install -y default-jre-headless");
 *     withJava("the store on DynamoDB Local", () => { … });
 */
export function requirePeer(
  name: string,
  present: boolean,
  installLine: string,
): (title: string, suite: () => void) => void {
  if (present) return (title, suite) => void describe(title, suite);
  const missing = `${name} is not installed: ${installLine}`;
  if (process.env["CI"] === "true")
    return (title) =>
      void describe(title, () => {
        it(`needs ${name}`, () => {
          throw new Error(missing);
        });
      });
  return (title, suite) => {
    process.stderr.write(`\nSKIPPED: ${title}: ${missing}\n`);
    describe.skip(`${title} (${missing})`, suite);
  };
}

/** For programs that cannot be told port 0. Somebody else may take it in between: start again with another then. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port was given")),
      );
    });
  });
}
