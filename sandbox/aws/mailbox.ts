/** What people get from the mail topic: everybody who subscribed by e-mail, as one mailbox. */
export interface ReceivedMail {
  readonly at: number;
  readonly subject: string;
  readonly body: string;
}

export interface Mailbox {
  /** The topic whose messages arrive here; undefined: no mail is set up. */
  readonly topicArn: string | undefined;
  readonly mails: readonly ReceivedMail[];
  take(mail: { readonly subject: string; readonly body: string }): void;
  onMail(listener: (mail: ReceivedMail) => void): () => void;
  clear(): void;
}

export function createMailbox(topicArn: string | undefined, now: () => number): Mailbox {
  const mails: ReceivedMail[] = [];
  const listeners = new Set<(mail: ReceivedMail) => void>();
  return {
    topicArn,
    mails,
    take: (content) => {
      const mail = { ...content, at: now() };
      mails.push(mail);
      for (const listener of [...listeners]) listener(mail);
    },
    onMail: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    clear: () => void mails.splice(0),
  };
}
