import type { ReactNode } from "react";
import type { ConfirmDialog as Confirm } from "../../../slack/model.ts";
import { Dialog } from "../dialog.tsx";
import { MrkdwnText } from "../text/mrkdwn-text.tsx";
import { CloseIcon } from "../icons.tsx";

/** The question that stands before a button with `confirm`. */
export function ConfirmDialog(props: {
  readonly dialog: Confirm;
  readonly onYes: () => void;
  readonly onNo: () => void;
}): ReactNode {
  const { dialog } = props;
  return (
    <Dialog label={dialog.title} className="confirm" testId="confirm-dialog" onClose={props.onNo}>
      <header className="dialog-head">
        <h2>{dialog.title}</h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={props.onNo}>
          <CloseIcon />
        </button>
      </header>
      <div className="dialog-body">
        <MrkdwnText text={dialog.text} />
      </div>
      <footer className="dialog-foot">
        <button type="button" className="button" data-testid="confirm-deny" onClick={props.onNo}>
          {dialog.deny}
        </button>
        <button
          type="button"
          className={dialog.danger ? "button button-danger-solid" : "button button-primary-solid"}
          data-testid="confirm-yes"
          data-first-focus
          onClick={props.onYes}
        >
          {dialog.confirm}
        </button>
      </footer>
    </Dialog>
  );
}
