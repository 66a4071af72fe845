import { createContext, useContext, useState, type ReactNode } from "react";
import { confirmOf } from "../../../slack/block-elements.ts";
import type { ConfirmDialog as Confirm, InputState, Json } from "../../../slack/model.ts";
import { textOf } from "../blocks/block-json.ts";
import { ConfirmDialog } from "./confirm-dialog.tsx";
import { useSlack } from "./slack-context.ts";

/** Where an element stands: a message, a private answer or a view. */
export type PlaceTarget =
  { readonly channel: string; readonly ts: string } | { readonly ephemeralId: string } | { readonly viewId: string };

export interface Pressed {
  readonly blockId: string;
  readonly element: Json;
  readonly value?: string;
  readonly values?: readonly string[];
}

/** What the elements of one message or view share. */
export interface Place {
  readonly state: InputState;
  setInput(blockId: string, actionId: string, value: Json): void;
  press(pressed: Pressed): void;
  /** The element that waits for the app's answer now. */
  readonly pending: string | null;
  /** What went wrong with the last press, by element. */
  readonly trouble: { readonly key: string; readonly text: string } | null;
  /** Errors under inputs, by block_id. */
  readonly errors: Readonly<Record<string, string>>;
}

const PlaceContext = createContext<Place | null>(null);

export function usePlace(): Place {
  const found = useContext(PlaceContext);
  if (found === null) throw new Error("usePlace outside of InteractivePlace");
  return found;
}

/** Tells elements of one place apart, even several buttons with one action_id. */
export function elementKey({ blockId, element }: Pick<Pressed, "blockId" | "element">): string {
  return `${blockId}/${textOf(element["action_id"]) ?? ""}/${textOf(element["value"]) ?? ""}`;
}

/** Gives the elements below it their voice: asks first where they ask, sends, and shows what came of it. */
export function InteractivePlace(props: {
  readonly target: PlaceTarget;
  readonly state: InputState;
  readonly onState: (state: InputState) => void;
  readonly errors?: Readonly<Record<string, string>>;
  readonly children: ReactNode;
}): ReactNode {
  const { send, toast } = useSlack();
  const [pending, setPending] = useState<string | null>(null);
  const [trouble, setTrouble] = useState<Place["trouble"]>(null);
  const [asking, setAsking] = useState<{ readonly dialog: Confirm; readonly pressed: Pressed } | null>(null);

  const deliver = async (pressed: Pressed, confirmed: boolean): Promise<void> => {
    const key = elementKey(pressed);
    setPending(key);
    setTrouble(null);
    try {
      const { blockId, element, ...rest } = pressed;
      const value = rest.value ?? textOf(element["value"]);
      const result = await send({
        type: "click",
        act: {
          ...props.target,
          blockId,
          actionId: textOf(element["action_id"]) ?? "",
          ...(value === undefined ? {} : { value }),
          ...(rest.values === undefined ? {} : { values: rest.values }),
          confirmed,
          state: props.state,
        },
      });
      if (result?.kind === "no-response") setTrouble({ key, text: result.text });
      if (result?.kind === "refused") toast(result.reason);
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error));
    } finally {
      setPending(null);
    }
  };

  const press = (pressed: Pressed): void => {
    const dialog = confirmOf(pressed.element);
    if (dialog === undefined) void deliver(pressed, false);
    else setAsking({ dialog, pressed });
  };
  const setInput = (blockId: string, actionId: string, value: Json): void =>
    props.onState({ ...props.state, [blockId]: { ...props.state[blockId], [actionId]: value } });
  const place: Place = { state: props.state, setInput, press, pending, trouble, errors: props.errors ?? noErrors };

  return (
    <PlaceContext.Provider value={place}>
      {props.children}
      {asking !== null && (
        <ConfirmDialog
          dialog={asking.dialog}
          onNo={() => setAsking(null)}
          onYes={() => {
            setAsking(null);
            void deliver(asking.pressed, true);
          }}
        />
      )}
    </PlaceContext.Provider>
  );
}

const noErrors: Readonly<Record<string, string>> = {};

/** For messages, whose inputs live as long as they are on the screen. */
export function MessagePlace({
  target,
  children,
}: {
  readonly target: PlaceTarget;
  readonly children: ReactNode;
}): ReactNode {
  const [state, setState] = useState<InputState>({});
  return (
    <InteractivePlace target={target} state={state} onState={setState}>
      {children}
    </InteractivePlace>
  );
}
