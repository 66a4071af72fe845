import { useCallback, useEffect, useRef, useState } from "react";
import type { AccountView, PageToServer, ServerToPage, SlackSnapshot } from "../../page-protocol.ts";
import type { ActResult } from "../../slack/model.ts";
import { applyPatches } from "./slack-state.ts";

/** A request without its number; the connection numbers them. */
export type PageRequest = PageToServer extends infer Request
  ? Request extends unknown
    ? Omit<Request, "id">
    : never
  : never;

export interface Connection {
  readonly slack: SlackSnapshot | null;
  readonly account: AccountView | null;
  /** `performance.now()` when the account was last heard of; the page's clock counts on from there. */
  readonly accountHeardAt: number;
  readonly isOpen: boolean;
  /** Resolves with what the person sees; rejects with a sentence for the person. */
  readonly send: (request: PageRequest) => Promise<ActResult | undefined>;
}

const reconnectMs = 1_000;

interface Waiter {
  readonly resolve: (result: ActResult | undefined) => void;
  readonly reject: (error: Error) => void;
}

export function useConnection(): Connection {
  const [slack, setSlack] = useState<SlackSnapshot | null>(null);
  const [account, setAccount] = useState<{ readonly view: AccountView; readonly heardAt: number } | null>(null);
  const [isOpen, setOpen] = useState(false);
  const socket = useRef<WebSocket | null>(null);
  const waiters = useRef(new Map<number, Waiter>());
  const nextId = useRef(1);
  const person = useRef<string | null>(null);

  const send = useCallback((request: PageRequest): Promise<ActResult | undefined> => {
    const open = socket.current;
    if (open === null || open.readyState !== WebSocket.OPEN)
      return Promise.reject(new Error("The sandbox is not connected."));
    if (request.type === "person") person.current = request.user;
    const id = nextId.current++;
    open.send(JSON.stringify({ ...request, id }));
    return new Promise((resolve, reject) => waiters.current.set(id, { resolve, reject }));
  }, []);

  useEffect(() => {
    let isWanted = true;
    let timer = 0;
    const hear = (message: ServerToPage): void => {
      switch (message.type) {
        case "slack":
          return setSlack(message.snapshot);
        case "slack-patch":
          return setSlack((before) => (before === null ? null : applyPatches(before, message.patches)));
        case "account":
          return setAccount({ view: message.account, heardAt: performance.now() });
        case "result": {
          const waiter = waiters.current.get(message.id);
          waiters.current.delete(message.id);
          return message.error === undefined
            ? waiter?.resolve(message.result)
            : waiter?.reject(new Error(message.error));
        }
      }
    };
    const connect = (): void => {
      const opened = new WebSocket(new URL("page", location.href.replace(/^http/, "ws")));
      socket.current = opened;
      opened.onopen = () => {
        setOpen(true);
        if (person.current !== null) send({ type: "person", user: person.current }).catch(() => undefined);
      };
      opened.onmessage = (event: MessageEvent<string>) => hear(JSON.parse(event.data) as ServerToPage);
      opened.onclose = () => {
        setOpen(false);
        waiters.current.forEach(({ reject }) => reject(new Error("The sandbox went away.")));
        waiters.current.clear();
        if (isWanted) timer = window.setTimeout(connect, reconnectMs);
      };
    };
    connect();
    return () => {
      isWanted = false;
      window.clearTimeout(timer);
      socket.current?.close();
    };
  }, [send]);

  return { slack, account: account?.view ?? null, accountHeardAt: account?.heardAt ?? 0, isOpen, send };
}
