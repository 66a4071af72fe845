/** The JSON Schema of `medic.yaml`, with which editors complete and check while one types. */
import { z } from "zod";
import { medicYamlSchema } from "./schema.ts";

/** As text, the way it stands in `examples/medic.schema.json`. */
export function jsonSchemaText(): string {
  const schema = z.toJSONSchema(medicYamlSchema, { target: "draft-7", reused: "inline" });
  const { $schema, ...rest } = schema;
  const named = { $schema, title: "medic.yaml", description: "What ec2-medic looks after.", ...rest };
  return `${JSON.stringify(named, null, 2)}\n`;
}
