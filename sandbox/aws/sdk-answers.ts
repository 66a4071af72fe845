import { AwsRefusal } from "../../src/memory/accountModel.ts";

/** An SDK command: what is left of one when nothing is sent over a wire. */
export interface SdkCommand {
  readonly input: object;
}

type CommandClass<Input extends object> = abstract new (input: Input) => { readonly input: Input };

/** How one command class is answered. */
export interface Answer {
  readonly command: CommandClass<never>;
  readonly give: (input: object) => Promise<object>;
}

export function answer<Input extends object, Output extends object>(
  command: CommandClass<Input>,
  give: (input: Input) => Promise<Output>,
): Answer {
  return { command: command as unknown as CommandClass<never>, give: (input) => give(input as Input) };
}

type ExceptionClass = new (options: {
  name: string;
  message: string;
  $fault: "client" | "server";
  $metadata: object;
}) => Error;

export interface AnswersOfClient {
  /** As the SDK calls the service in messages, for example "EC2". */
  readonly service: string;
  readonly answers: readonly Answer[];
  readonly exception: ExceptionClass;
  /** How this service words being asked too often. */
  readonly throttledCode: string;
}

/** Puts the answers behind a real client's `send`, so that paginators and `instanceof` work and nothing reaches a network. */
export function answered<Client extends object>(client: Client, of: AnswersOfClient): Client {
  const send = async (command: SdkCommand, options?: { readonly abortSignal?: AbortSignal }): Promise<object> => {
    const found = of.answers.find((each) => command.constructor === each.command);
    if (found === undefined) {
      throw new Error(`the simulated account does not answer ${of.service} ${command.constructor.name}`);
    }
    options?.abortSignal?.throwIfAborted();
    try {
      const output = await found.give(command.input);
      return { $metadata: { httpStatusCode: 200, requestId: "sandbox", attempts: 1, totalRetryDelay: 0 }, ...output };
    } catch (error) {
      throw error instanceof AwsRefusal ? sdkError(of, error) : error;
    }
  };
  return Object.assign(client, { send });
}

function sdkError(of: AnswersOfClient, refusal: AwsRefusal): Error {
  const throttled = refusal.code === "RequestLimitExceeded";
  const name = throttled ? of.throttledCode : refusal.code;
  return Object.assign(
    new of.exception({
      name,
      message: refusal.message,
      $fault: refusal.status >= 500 ? "server" : "client",
      $metadata: { httpStatusCode: refusal.status, requestId: "sandbox", attempts: 1, totalRetryDelay: 0 },
    }),
    { Code: name },
  );
}

/** One page of a list; the token is the index at which the next one begins. */
export function page<Item>(
  items: readonly Item[],
  wanted: { readonly token: string | undefined; readonly size: number },
): { readonly items: Item[]; readonly next: { NextToken?: string } } {
  const start = wanted.token === undefined ? 0 : Number(wanted.token);
  if (!Number.isInteger(start) || start < 0) throw new AwsRefusal("InvalidNextToken", "The token is not valid.");
  const end = start + wanted.size;
  return { items: items.slice(start, end), next: end < items.length ? { NextToken: String(end) } : {} };
}
