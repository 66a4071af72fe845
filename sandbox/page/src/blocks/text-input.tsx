import type { ReactNode } from "react";
import { usePlace } from "../slack/place.tsx";
import { plainOf, textOf } from "./block-json.ts";
import { testIdOf, type ElementProps } from "./element-props.ts";

const inputTypes: Readonly<Record<string, string>> = {
  email_text_input: "email",
  url_text_input: "url",
  number_input: "number",
};

/** Typed text, one line or several. The counter appears when the end is near. */
export function TextInput({ element, blockId, labelledBy }: ElementProps): ReactNode {
  const place = usePlace();
  const actionId = textOf(element["action_id"]) ?? "";
  const value = textOf(place.state[blockId]?.[actionId]?.["value"]) ?? textOf(element["initial_value"]) ?? "";
  const most = typeof element["max_length"] === "number" ? element["max_length"] : undefined;
  const shared = {
    className: "text-input",
    "data-testid": testIdOf(element),
    value,
    placeholder: plainOf(element["placeholder"]),
    ...(most === undefined ? {} : { maxLength: most }),
    ...(labelledBy === undefined ? { "aria-label": actionId } : { "aria-labelledby": labelledBy }),
    ...(place.errors[blockId] === undefined ? {} : { "aria-invalid": true }),
    onChange: (event: { target: { value: string } }) =>
      place.setInput(blockId, actionId, { value: event.target.value }),
  };
  const left = most === undefined ? Number.POSITIVE_INFINITY : most - value.length;
  return (
    <span className="text-input-holder">
      {element["multiline"] === true ? (
        <textarea rows={4} {...shared} />
      ) : (
        <input type={inputTypes[textOf(element["type"]) ?? ""] ?? "text"} {...shared} />
      )}
      {left <= 100 && <span className="text-left">{left}</span>}
    </span>
  );
}
