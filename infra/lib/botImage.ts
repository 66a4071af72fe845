/**
 * The bot's image with this team's `medic.yaml` in it. Config and code are one unit: what was checked together is deployed
 * and rolled back together, the bot starts without fetching anything, and no permission to read a bucket is needed.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { IgnoreMode } from "aws-cdk-lib";
import { Platform } from "aws-cdk-lib/aws-ecr-assets";
import { ContainerImage } from "aws-cdk-lib/aws-ecs";
import type { Settings } from "./settings.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const ignoreFile = new URL("../Dockerfile.dockerignore", import.meta.url);

/**
 * Built on the machine that deploys, unless a ready image is named. Synthesis only takes a fingerprint of the files that
 * may go into the image: no container engine is asked.
 */
export function botImage({ image, configFile }: Pick<Settings, "image" | "configFile">): ContainerImage {
  if (image !== undefined) return ContainerImage.fromRegistry(image);
  return ContainerImage.fromAsset(repository, {
    file: "infra/Dockerfile",
    platform: Platform.LINUX_ARM64,
    buildArgs: { MEDIC_YAML: configFile },
    ignoreMode: IgnoreMode.DOCKER,
    exclude: [...allowedIntoImage(), `!${configFile}`],
  });
}

/** The same file that a container engine reads, so that both see the same files. */
function allowedIntoImage(): string[] {
  const lines = readFileSync(ignoreFile, "utf8").split("\n");
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}
