import type { ReactNode } from "react";
import { Avatar } from "./avatar.tsx";
import { useSlack } from "./slack-context.ts";

/** Who the person at the page is now. Permissions differ; that is what there is to try. */
export function PeopleSwitch(): ReactNode {
  const { slack, send, toast } = useSlack();
  return (
    <div className="people" role="radiogroup" aria-label="You are" data-testid="person-switch">
      <span className="you-are">You are</span>
      {slack.users
        .filter((user) => !user.isBot)
        .map((user) => (
          <button
            key={user.id}
            type="button"
            role="radio"
            aria-checked={user.id === slack.person}
            className="person"
            data-testid={`person-${user.name}`}
            title={`${user.realName}, ${user.role}`}
            onClick={() => {
              send({ type: "person", user: user.id }).catch((error: unknown) => toast(String(error)));
            }}
          >
            <Avatar user={user} size={26} />
            <span className="person-words">
              <b>{user.realName.split(" ")[0]}</b>
              <span>{user.role}</span>
            </span>
          </button>
        ))}
    </div>
  );
}
