/** Keeps the mails that were sent, for tests, simulation and the sandbox's mailbox. */
import { Unreachable } from "../domain/errors.ts";
import type { Clock } from "../ports/clock.ts";
import type { Mail } from "../ports/mail.ts";
import { withHooks } from "./callHooks.ts";
import type { CallHooks } from "./callHooks.ts";

export interface SentMail {
  readonly id: string;
  readonly subject: string;
  readonly body: string;
  readonly at: number;
}

export interface MemoryMail extends Mail {
  readonly sent: readonly SentMail[];
  /** While down, sending fails with Unreachable. */
  setDown(down: boolean): void;
}

export function memoryMail(clock: Clock, hooks?: CallHooks): MemoryMail {
  const sent: SentMail[] = [];
  let isDown = false;
  const mail: Mail = {
    send: async (message) => {
      if (isDown) throw new Unreachable("the mail topic");
      sent.push({ ...message, at: clock.now() });
    },
  };
  const hooked = withHooks({ name: "mail", of: mail, mutating: ["send"] }, hooks);
  return {
    send: (message) => hooked.send(message),
    sent,
    setDown: (down) => {
      isDown = down;
    },
  };
}
