import { useState, type ReactNode } from "react";
import type { InputState, SlackView } from "../../../slack/model.ts";
import { Blocks } from "../blocks/block.tsx";
import { Dialog } from "../dialog.tsx";
import { BackIcon, CloseIcon } from "../icons.tsx";
import { withEmoji } from "../text/emoji.ts";
import { Avatar } from "./avatar.tsx";
import { InteractivePlace } from "./place.tsx";
import { useSlack } from "./slack-context.ts";

/** The modal on top of the person's stack. What was typed survives an update of the same view. */
export function ModalStack(): ReactNode {
  const { slack } = useSlack();
  const top = slack.modals.at(-1);
  return top === undefined ? null : <Modal key={top.id} view={top} isDeep={slack.modals.length > 1} />;
}

function Modal({ view, isDeep }: { readonly view: SlackView; readonly isDeep: boolean }): ReactNode {
  const { slack, send, toast } = useSlack();
  const [state, setState] = useState<InputState>({});
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});
  const [trouble, setTrouble] = useState("");
  const [isSending, setSending] = useState(false);
  const bot = slack.users.find((user) => user.id === slack.botUser);

  const submit = async (): Promise<void> => {
    if (isSending) return;
    setSending(true);
    setTrouble("");
    setErrors({});
    try {
      const result = await send({ type: "submit-view", act: { viewId: view.id, state } });
      if (result?.kind === "invalid") setErrors(result.errors);
      if (result?.kind === "no-response") setTrouble(result.text);
      if (result?.kind === "refused") setTrouble(result.reason);
    } catch (error) {
      setTrouble(error instanceof Error ? error.message : String(error));
    } finally {
      setSending(false);
    }
  };
  const close = (all: boolean): void => {
    send({ type: "close-view", act: { viewId: view.id, all } }).catch((error: unknown) => toast(String(error)));
  };

  return (
    <Dialog label={view.title} className="modal" testId="modal" onClose={() => close(true)}>
      <form
        className="modal-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (view.submit !== null) void submit();
        }}
      >
        <header className="dialog-head">
          {isDeep ? (
            <button type="button" className="icon-button" aria-label="Back" onClick={() => close(false)}>
              <BackIcon />
            </button>
          ) : (
            <Avatar user={bot} size={28} />
          )}
          <h2>{withEmoji(view.title)}</h2>
          <button
            type="button"
            className="icon-button"
            aria-label="Close"
            data-testid="modal-close"
            onClick={() => close(true)}
          >
            <CloseIcon />
          </button>
        </header>
        <div className="dialog-body" data-first-focus tabIndex={-1}>
          <InteractivePlace target={{ viewId: view.id }} state={state} onState={setState} errors={errors}>
            <Blocks blocks={view.blocks} />
          </InteractivePlace>
          {trouble !== "" && (
            <div className="alert alert-error" role="alert">
              {trouble}
            </div>
          )}
        </div>
        <footer className="dialog-foot">
          <button type="button" className="button" data-testid="modal-cancel" onClick={() => close(false)}>
            {withEmoji(view.close)}
          </button>
          {view.submit !== null && (
            <button
              type="submit"
              className="button button-primary-solid"
              data-testid="modal-submit"
              aria-disabled={isSending}
            >
              {isSending && <span className="spinner" aria-hidden="true" />}
              {withEmoji(view.submit)}
            </button>
          )}
        </footer>
      </form>
    </Dialog>
  );
}
