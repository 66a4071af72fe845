/** E-mail through a topic: the way to tell people when Slack cannot. */
export interface Mail {
  /** Resolves when the topic accepted it. `id` is for the log; a repeat sends again. */
  send(message: { readonly id: string; readonly subject: string; readonly body: string }): Promise<void>;
}
