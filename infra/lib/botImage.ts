/**
 * The bot's image with this team's `medic.yaml` in it. Config and code are one unit: what was checked together is deployed
 * and rolled back together, the bot starts without fetching anything, and no permission to read a bucket is needed.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { IgnoreMode, Stack } from "aws-cdk-lib";
import { Repository } from "aws-cdk-lib/aws-ecr";
import { Platform } from "aws-cdk-lib/aws-ecr-assets";
import { ContainerImage } from "aws-cdk-lib/aws-ecs";
import type { Construct } from "constructs";
import type { Settings } from "./settings.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const ignoreFile = new URL("../Dockerfile.dockerignore", import.meta.url);

/**
 * Built on the machine that deploys, unless a ready image is named. Synthesis only takes a fingerprint of the files that
 * may go into the image: no container engine is asked.
 */
export function botImage(scope: Construct, settings: Pick<Settings, "image" | "configFile">): ContainerImage {
  const { image, configFile } = settings;
  if (image !== undefined) return readyImage(scope, image);
  return ContainerImage.fromAsset(repository, {
    file: "infra/Dockerfile",
    platform: Platform.LINUX_ARM64,
    buildArgs: { MEDIC_YAML: configFile },
    ignoreMode: IgnoreMode.DOCKER,
    exclude: [...allowedIntoImage(), `!${configFile}`],
  });
}

/** `account.dkr.ecr.region.amazonaws.com/repository:tag` or `…@sha256:digest`. */
const ecrImage = /^(\d{12})\.dkr\.ecr\.([\w-]+)\.amazonaws\.com(?:\.cn)?\/([\w./-]+?)(?:@(sha256:\w+)|:([\w.-]+))$/;

/** ECS may pull from ECR only with a permission, which takes the repository's name; any other registry takes none. */
function readyImage(scope: Construct, image: string): ContainerImage {
  const [, account, region, repositoryName, digest, tag] = ecrImage.exec(image) ?? [];
  if (account === undefined || region === undefined || repositoryName === undefined)
    return ContainerImage.fromRegistry(image);
  const { partition } = Stack.of(scope);
  const repositoryArn = `arn:${partition}:ecr:${region}:${account}:repository/${repositoryName}`;
  const given = Repository.fromRepositoryAttributes(scope, "GivenImage", { repositoryArn, repositoryName });
  return ContainerImage.fromEcrRepository(given, digest ?? tag ?? "latest");
}

/** The same file that a container engine reads, so that both see the same files. */
function allowedIntoImage(): string[] {
  const lines = readFileSync(ignoreFile, "utf8").split("\n");
  return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
}
