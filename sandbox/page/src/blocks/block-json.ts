/** Blocks arrive as JSON of whatever shape an app sent; reading them never throws. The server's own readers, shared. */
export { isJson, listOf, objectOf, objectsOf, plainOf, textOf } from "../../../slack/json.ts";
export type { Json } from "../../../slack/model.ts";
