import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { withEmoji } from "../text/emoji.ts";
import { usePlace } from "../slack/place.tsx";
import { objectsOf, plainOf, textOf } from "./block-json.ts";
import { testIdOf, type ElementProps } from "./element-props.ts";

/** The three dots with their menu. Arrow keys move, Esc closes, a click elsewhere too. */
export function Overflow({ element, blockId }: ElementProps): ReactNode {
  const place = usePlace();
  const [isOpen, setOpen] = useState(false);
  const holder = useRef<HTMLDivElement>(null);
  const options = objectsOf(element["options"]);

  useEffect(() => {
    if (!isOpen) return undefined;
    holder.current?.querySelector<HTMLElement>("[role=menuitem]")?.focus();
    const outside = (event: PointerEvent): void => {
      if (event.target instanceof Node && holder.current?.contains(event.target) !== true) setOpen(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [isOpen]);

  const move = (event: KeyboardEvent): void => {
    const items = [...(holder.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
    const at = items.findIndex((item) => item === document.activeElement);
    if (event.key === "Escape" || event.key === "Tab") {
      event.stopPropagation();
      setOpen(false);
      holder.current?.querySelector<HTMLElement>("button")?.focus();
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      items.at((at + (event.key === "ArrowDown" ? 1 : -1)) % items.length)?.focus();
    }
  };

  return (
    <div className="overflow" ref={holder} onKeyDown={isOpen ? move : undefined}>
      <button
        type="button"
        className="button button-overflow"
        aria-label="More actions"
        aria-haspopup="menu"
        aria-expanded={isOpen}
        data-testid={testIdOf(element)}
        onClick={() => setOpen(!isOpen)}
      >
        <span aria-hidden="true">•••</span>
      </button>
      {isOpen && (
        <div className="menu" role="menu">
          {options.map((option, index) => {
            const value = textOf(option["value"]) ?? "";
            const url = textOf(option["url"]);
            return (
              <button
                key={`${index} ${value}`}
                type="button"
                role="menuitem"
                className="menu-item"
                data-testid={`overflow-option-${value}`}
                onClick={() => {
                  setOpen(false);
                  if (url !== undefined && /^https?:/i.test(url)) window.open(url, "_blank", "noopener,noreferrer");
                  place.press({ blockId, element, value });
                }}
              >
                <span>{withEmoji(plainOf(option["text"]))}</span>
                {plainOf(option["description"]) !== "" && (
                  <span className="menu-description">{plainOf(option["description"])}</span>
                )}
              </button>
            );
          })}
        </div>
      )}
    </div>
  );
}
