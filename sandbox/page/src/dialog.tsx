import { useLayoutEffect, useRef, type ReactNode } from "react";

/**
 * A window over everything else. The browser's own <dialog> keeps the focus inside, makes the rest inert and gives the focus back;
 * Esc asks `onClose`, it never closes by itself, because only the server knows what is open.
 */
export function Dialog(props: {
  readonly label: string;
  readonly className?: string;
  readonly testId: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}): ReactNode {
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = element.current;
    if (dialog === null) return undefined;
    dialog.showModal();
    dialog.querySelector<HTMLElement>("[data-first-focus]")?.focus();
    return () => dialog.close();
  }, []);
  return (
    <dialog
      ref={element}
      className={`dialog ${props.className ?? ""}`}
      aria-label={props.label}
      data-testid={props.testId}
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        // Chromium closes a dialog on the second Esc even when `cancel` was prevented.
        event.preventDefault();
        event.stopPropagation();
        props.onClose();
      }}
    >
      {props.children}
    </dialog>
  );
}
