/** A client whose answers are written down beforehand: it keeps what it was asked, and what its caller could have aborted. */

export interface Sent {
  readonly name: string;
  readonly input: Record<string, unknown>;
  readonly signal: AbortSignal | undefined;
}

export type Script = (sent: Sent, count: number) => unknown;

export interface Scripted<Client> {
  readonly client: Client;
  readonly sent: Sent[];
}

/** `script` answers with an output, or with an Error (or a promise of either) that `send` then throws. */
export function scripted<Client extends { send: unknown }>(script: Script): Scripted<Client> {
  const sent: Sent[] = [];
  const send = async (command: object, options?: { abortSignal?: AbortSignal }): Promise<unknown> => {
    const { input } = command as { input: Record<string, unknown> };
    const one = { name: command.constructor.name, input, signal: options?.abortSignal };
    sent.push(one);
    const answer = await script(one, sent.length);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { client: { send } as unknown as Client, sent };
}

/** As the SDK throws what a service refused. */
export function awsError(name: string, status = 400, message = `${name} happened`): Error {
  return Object.assign(new Error(message), { name, Code: name, $metadata: { httpStatusCode: status } });
}
