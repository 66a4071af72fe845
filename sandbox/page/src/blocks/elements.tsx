import type { ReactNode } from "react";
import { withEmoji } from "../text/emoji.ts";
import { elementKey, usePlace } from "../slack/place.tsx";
import { useSlack } from "../slack/slack-context.ts";
import { WarningIcon } from "../icons.tsx";
import { objectOf, objectsOf, plainOf, textOf, type Json } from "./block-json.ts";
import { testIdOf, type ElementProps } from "./element-props.ts";
import { Choices } from "./choices.tsx";
import { ImageElement } from "./image.tsx";
import { Overflow } from "./overflow.tsx";
import { TextInput } from "./text-input.tsx";
import { UnsupportedBlock } from "./unsupported-block.tsx";

/** Any block element. */
export function Element(props: ElementProps): ReactNode {
  switch (props.element["type"]) {
    case "button":
    case "workflow_button":
      return <Button {...props} />;
    case "overflow":
      return <Overflow {...props} />;
    case "image":
      return <ImageElement image={props.element} />;
    case "static_select":
      return <Select {...props} field="selected_option" options={selectOptions(props.element)} />;
    case "users_select":
      return <UsersSelect {...props} />;
    case "conversations_select":
    case "channels_select":
      return <ChannelsSelect {...props} />;
    case "radio_buttons":
    case "checkboxes":
    case "multi_static_select":
    case "multi_users_select":
      return <Choices {...props} />;
    case "plain_text_input":
    case "email_text_input":
    case "url_text_input":
    case "number_input":
      return <TextInput {...props} />;
    case "datepicker":
      return <Picker {...props} field="selected_date" input="date" initial="initial_date" />;
    case "timepicker":
      return <Picker {...props} field="selected_time" input="time" initial="initial_time" />;
    default:
      return <UnsupportedBlock type={textOf(props.element["type"]) ?? "element"} />;
  }
}

function Button({ element, blockId }: ElementProps): ReactNode {
  const place = usePlace();
  const key = elementKey({ blockId, element });
  const style = textOf(element["style"]);
  const isPending = place.pending === key;
  const url = textOf(element["url"]);
  const label = textOf(element["accessibility_label"]);
  return (
    <span className="button-holder">
      <button
        type="button"
        className={`button${style === "primary" ? " button-primary" : ""}${style === "danger" ? " button-danger" : ""}`}
        data-testid={testIdOf(element)}
        data-value={textOf(element["value"])}
        // Not `disabled`: that would drop the focus, which a dialog gives back to this button when it closes.
        aria-busy={isPending}
        aria-disabled={isPending}
        {...(label === undefined ? {} : { "aria-label": `${plainOf(element["text"])}: ${label}` })}
        onClick={() => {
          if (isPending) return;
          if (url !== undefined && /^https?:/i.test(url)) window.open(url, "_blank", "noopener,noreferrer");
          place.press({ blockId, element });
        }}
      >
        {isPending && <span className="spinner" aria-hidden="true" />}
        {withEmoji(plainOf(element["text"]))}
      </button>
      {place.trouble?.key === key && (
        <span className="trouble" role="alert" title={place.trouble.text}>
          <WarningIcon /> {place.trouble.text}
        </span>
      )}
    </span>
  );
}

interface SelectOption {
  readonly value: string;
  readonly label: string;
  readonly group?: string;
}

function selectOptions(element: Json): readonly SelectOption[] {
  const read = (holder: Json, group?: string): SelectOption[] =>
    objectsOf(holder["options"]).map((option) => ({
      value: textOf(option["value"]) ?? "",
      label: withEmoji(plainOf(option["text"])),
      ...(group === undefined ? {} : { group }),
    }));
  return [
    ...read(element),
    ...objectsOf(element["option_groups"]).flatMap((group) => read(group, plainOf(group["label"]))),
  ];
}

function Select(
  props: ElementProps & { readonly field: string; readonly options: readonly SelectOption[] },
): ReactNode {
  const { element, blockId, options, field } = props;
  const place = usePlace();
  const actionId = textOf(element["action_id"]) ?? "";
  const set = place.state[blockId]?.[actionId];
  const initial = objectOf(element["initial_option"]);
  const chosen =
    (field === "selected_option" ? textOf(objectOf(set?.[field])?.["value"]) : textOf(set?.[field])) ??
    textOf(initial?.["value"]) ??
    textOf(element["initial_user"]) ??
    textOf(element["initial_channel"]) ??
    "";
  const groups = [...new Set(options.map((option) => option.group ?? ""))];
  return (
    <select
      className="select"
      data-testid={testIdOf(element)}
      value={chosen}
      aria-label={plainOf(element["placeholder"]) || actionId}
      {...(props.labelledBy === undefined ? {} : { "aria-labelledby": props.labelledBy })}
      onChange={(event) => {
        const value = event.target.value;
        const option = [
          ...objectsOf(element["options"]),
          ...objectsOf(element["option_groups"]).flatMap((group) => objectsOf(group["options"])),
        ];
        const found = option.find((each) => each["value"] === value);
        place.setInput(blockId, actionId, { [field]: field === "selected_option" ? (found ?? null) : value });
        if (props.isInput !== true) place.press({ blockId, element, value });
      }}
    >
      <option value="" disabled hidden>
        {plainOf(element["placeholder"]) || "Choose…"}
      </option>
      {groups.map((group) => {
        const items = options.filter((option) => (option.group ?? "") === group);
        const drawn = items.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ));
        return group === "" ? (
          drawn
        ) : (
          <optgroup key={group} label={group}>
            {drawn}
          </optgroup>
        );
      })}
    </select>
  );
}

function UsersSelect(props: ElementProps): ReactNode {
  const { slack } = useSlack();
  const options = slack.users.filter((user) => !user.isBot).map((user) => ({ value: user.id, label: user.realName }));
  return <Select {...props} field="selected_user" options={options} />;
}

function ChannelsSelect(props: ElementProps): ReactNode {
  const { slack } = useSlack();
  const field = props.element["type"] === "channels_select" ? "selected_channel" : "selected_conversation";
  const options = slack.channels
    .filter((channel) => channel.imWith === null)
    .map((channel) => ({ value: channel.id, label: `#${channel.name}` }));
  return <Select {...props} field={field} options={options} />;
}

function Picker(
  props: ElementProps & { readonly field: string; readonly input: "date" | "time"; readonly initial: string },
): ReactNode {
  const { element, blockId } = props;
  const place = usePlace();
  const actionId = textOf(element["action_id"]) ?? "";
  const value = textOf(place.state[blockId]?.[actionId]?.[props.field]) ?? textOf(element[props.initial]) ?? "";
  return (
    <input
      className="text-input picker"
      type={props.input}
      data-testid={testIdOf(element)}
      value={value}
      aria-label={plainOf(element["placeholder"]) || props.input}
      {...(props.labelledBy === undefined ? {} : { "aria-labelledby": props.labelledBy })}
      onChange={(event) => {
        place.setInput(blockId, actionId, { [props.field]: event.target.value });
        if (props.isInput !== true && event.target.value !== "")
          place.press({ blockId, element, value: event.target.value });
      }}
    />
  );
}
