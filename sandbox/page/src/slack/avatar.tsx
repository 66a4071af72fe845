import type { ReactNode } from "react";
import type { SlackUser } from "../../../slack/model.ts";

/** A person's initials on their colour; the bot has its sign. */
export function Avatar({
  user,
  size = 36,
}: {
  readonly user: SlackUser | undefined;
  readonly size?: number;
}): ReactNode {
  const style = { width: size, height: size, fontSize: size * 0.4, background: `#${user?.color ?? "616061"}` };
  if (user?.isBot === true) {
    return (
      <span className="avatar" style={style} aria-hidden="true">
        <svg width={size * 0.72} height={size * 0.72} viewBox="0 0 32 32" fill="none" stroke="#7be0c3" strokeWidth="3">
          <path d="M3 17h7l2.500-7 5 13 3.500-9 1.500 3H29" strokeLinecap="round" strokeLinejoin="round" />
        </svg>
      </span>
    );
  }
  const initials = (user?.realName ?? "Slackbot")
    .split(" ")
    .map((word) => word[0] ?? "")
    .join("");
  return (
    <span className="avatar" style={style} aria-hidden="true">
      {initials.slice(0, 2)}
    </span>
  );
}
