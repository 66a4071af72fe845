import { useEffect, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import type { SlashCommand } from "../../../slack/model.ts";
import { SendIcon } from "../icons.tsx";
import { useSlack } from "./slack-context.ts";

interface Suggestion {
  /** What the composer holds once it is taken. */
  readonly text: string;
  readonly title: string;
  readonly usage: string;
  readonly description: string;
}

/** Commands after `/`, verbs after the command. */
function suggestionsFor(text: string, commands: readonly SlashCommand[]): readonly Suggestion[] {
  if (!text.startsWith("/")) return [];
  const [word = "", ...rest] = text.split(" ");
  const command = commands.find((each) => each.command === word);
  if (rest.length === 0 || command === undefined) {
    return commands
      .filter((each) => each.command.startsWith(word))
      .map((each) => ({ text: `${each.command} `, title: each.command, usage: "", description: each.description }));
  }
  if (rest.length > 1) return [];
  const typed = rest[0] ?? "";
  return command.verbs
    .filter((verb) => verb.name.startsWith(typed))
    .map((verb) => ({
      text: `${command.command} ${verb.name} `,
      title: `${command.command} ${verb.name}`,
      usage: verb.usage,
      description: verb.description,
    }));
}

/** Where people write. Enter sends, Shift+Enter breaks the line; a slash offers the app's verbs. */
export function Composer(props: {
  readonly channel: string;
  readonly threadTs: string | null;
  readonly placeholder: string;
}): ReactNode {
  const { slack, send, toast } = useSlack();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const [isHidden, setHidden] = useState(false);
  const [isSending, setSending] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const offered = isHidden || props.threadTs !== null ? [] : suggestionsFor(text, slack.commands);
  // A verb typed in full needs no list; Enter must send it.
  const suggestions = offered.length === 1 && offered[0]?.text.trimEnd() === text.trimEnd() ? [] : offered;
  const at = Math.min(chosen, suggestions.length - 1);

  useEffect(() => {
    const element = area.current;
    if (element === null) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(element.scrollHeight, 180)}px`;
  }, [text]);

  const change = (value: string): void => {
    setText(value);
    setChosen(0);
    setHidden(false);
  };
  const take = (suggestion: Suggestion): void => {
    change(suggestion.text);
    area.current?.focus();
  };
  const submit = async (): Promise<void> => {
    const line = text.trim();
    if (line === "" || isSending) return;
    setSending(true);
    setText("");
    try {
      const result = line.startsWith("/")
        ? await send({ type: "command", act: { channel: props.channel, text: line } })
        : await send({
            type: "say",
            act: {
              channel: props.channel,
              text: line,
              ...(props.threadTs === null ? {} : { threadTs: props.threadTs }),
            },
          });
      if (result?.kind === "refused") {
        setText(line);
        toast(result.reason);
      }
    } catch (error) {
      setText(line);
      toast(error instanceof Error ? error.message : String(error));
    } finally {
      setSending(false);
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const suggestion = suggestions[at];
    if (suggestion !== undefined) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const step = event.key === "ArrowDown" ? 1 : -1;
        setChosen((at + step + suggestions.length) % suggestions.length);
        return;
      }
      if (event.key === "Escape") return setHidden(true);
      const isWhole = text.trimEnd() === suggestion.title;
      if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey && !isWhole)) {
        event.preventDefault();
        return take(suggestion);
      }
    }
    if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      void submit();
    }
  };

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {suggestions.length > 0 && (
        <div className="suggestions" role="listbox" id={listId} aria-label="Commands">
          <div className="suggestions-head">Commands of ec2-medic</div>
          {suggestions.map((suggestion, index) => (
            <div
              key={suggestion.title}
              id={`${listId}-${index}`}
              role="option"
              aria-selected={index === at}
              className="suggestion"
              data-testid="suggestion"
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => take(suggestion)}
            >
              <span>
                <b>{suggestion.title}</b> <span className="suggestion-usage">{suggestion.usage}</span>
              </span>
              <span className="suggestion-description">{suggestion.description}</span>
            </div>
          ))}
        </div>
      )}
      <textarea
        ref={area}
        rows={1}
        value={text}
        placeholder={props.placeholder}
        aria-label={props.placeholder}
        data-testid={props.threadTs === null ? "composer" : "thread-composer"}
        role="combobox"
        aria-expanded={suggestions.length > 0}
        aria-controls={listId}
        aria-autocomplete="list"
        {...(suggestions.length > 0 ? { "aria-activedescendant": `${listId}-${at}` } : {})}
        onChange={(event) => change(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="composer-foot">
        {props.threadTs === null ? (
          <button
            type="button"
            className="slash-button"
            aria-label="Commands"
            title="Commands"
            onClick={() => change("/")}
          >
            /
          </button>
        ) : (
          <span />
        )}
        <button
          type="submit"
          className="send-button"
          aria-label="Send"
          data-testid="send"
          disabled={text.trim() === ""}
        >
          <SendIcon />
        </button>
      </div>
    </form>
  );
}
