import { useId, type ReactNode } from "react";
import { usePlace } from "../slack/place.tsx";
import { useSlack } from "../slack/slack-context.ts";
import { listOf, objectOf, objectsOf, plainOf, textOf, type Json } from "./block-json.ts";
import { testIdOf, type ElementProps } from "./element-props.ts";
import { TextObject } from "./text-object.tsx";

/** Radio buttons, checkboxes and the multi-selects: a few options with their descriptions, all in sight. */
export function Choices({ element, blockId, isInput, labelledBy }: ElementProps): ReactNode {
  const place = usePlace();
  const { slack } = useSlack();
  const name = useId();
  const type = textOf(element["type"]) ?? "";
  const actionId = textOf(element["action_id"]) ?? "";
  const isRadio = type === "radio_buttons";
  const isUsers = type === "multi_users_select";
  const people = slack.users.filter((user) => !user.isBot);
  const options = isUsers
    ? people.map((user): Json => ({ value: user.id, text: { type: "plain_text", text: user.realName } }))
    : objectsOf(element["options"]);
  const chosen = chosenValues(element, place.state[blockId]?.[actionId]);

  const choose = (values: readonly string[]): void => {
    const picked = options.filter((option) => values.includes(textOf(option["value"]) ?? ""));
    if (isRadio) place.setInput(blockId, actionId, { selected_option: picked[0] ?? null });
    else place.setInput(blockId, actionId, isUsers ? { selected_users: values } : { selected_options: picked });
    if (isInput === true) return;
    place.press({ blockId, element, ...(isRadio ? { value: values[0] ?? "" } : { values }) });
  };

  return (
    <div
      className="choices"
      role={isRadio ? "radiogroup" : "group"}
      data-testid={testIdOf(element)}
      {...(labelledBy === undefined ? { "aria-label": actionId } : { "aria-labelledby": labelledBy })}
    >
      {options.map((option) => {
        const value = textOf(option["value"]) ?? "";
        const isChosen = chosen.includes(value);
        return (
          <label key={value} className="choice">
            <input
              type={isRadio ? "radio" : "checkbox"}
              name={name}
              value={value}
              checked={isChosen}
              aria-label={plainOf(option["text"])}
              onChange={() => {
                if (isRadio) choose([value]);
                else choose(isChosen ? chosen.filter((each) => each !== value) : [...chosen, value]);
              }}
            />
            <span>
              <TextObject value={option["text"]} />
              {option["description"] !== undefined && (
                <span className="choice-description">
                  <TextObject value={option["description"]} />
                </span>
              )}
            </span>
          </label>
        );
      })}
    </div>
  );
}

function chosenValues(element: Json, set: Json | undefined): readonly string[] {
  const values = (options: readonly Json[]): string[] => options.map((option) => textOf(option["value"]) ?? "");
  const one = objectOf(set === undefined ? element["initial_option"] : set["selected_option"]);
  if (element["type"] === "radio_buttons") return one === undefined ? [] : values([one]);
  if (element["type"] === "multi_users_select") {
    return listOf(set === undefined ? element["initial_users"] : set["selected_users"]).map(String);
  }
  return values(objectsOf(set === undefined ? element["initial_options"] : set["selected_options"]));
}
