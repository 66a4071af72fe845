import { SlackApiError } from "./api-error.ts";
import { page } from "./cursor.ts";
import { botToWire, userToWire } from "./to-wire.ts";
import { validateBlocks } from "./validate-blocks.ts";
import type { WebApiMethod } from "./web-api.ts";

/** Who is who: tokens, people, groups, the team; and the door to Socket Mode. */
export const directoryMethods: Readonly<Record<string, WebApiMethod>> = {
  "api.test": { token: "none", scopes: [], run: () => ({}) },
  "auth.test": {
    token: "bot",
    scopes: [],
    run({ core }) {
      const { team, app, users } = core.state;
      return {
        url: `https://${team.domain}.slack.com/`,
        team: team.name,
        user: users.get(app.botUser)?.name ?? "",
        team_id: team.id,
        user_id: app.botUser,
        bot_id: app.botId,
        is_enterprise_install: false,
      };
    },
  },
  "apps.connections.open": {
    token: "app",
    scopes: [],
    run({ core }) {
      return {
        url: `${core.baseUrl().replace(/^http/, "ws")}/link?ticket=${core.id("ticket")}&app_id=${core.state.app.appId}`,
      };
    },
  },
  "team.info": {
    token: "bot",
    scopes: ["team:read"],
    run({ core }) {
      const { id, name, domain } = core.state.team;
      return { team: { id, name, domain, email_domain: "", icon: {}, url: `https://${domain}.slack.com/` } };
    },
  },
  "bots.info": {
    token: "bot",
    scopes: ["users:read"],
    run({ core, args }) {
      const wanted = args.text("bot") ?? core.state.app.botId;
      if (wanted !== core.state.app.botId) throw new SlackApiError("bot_not_found");
      return { bot: botToWire(core.state) };
    },
  },
  "users.info": {
    token: "bot",
    scopes: ["users:read"],
    run({ core, args }) {
      const user = core.state.users.get(args.text("user") ?? "");
      if (user === undefined) throw new SlackApiError("user_not_found");
      return { user: userToWire(core.state, user) };
    },
  },
  "users.list": {
    token: "bot",
    scopes: ["users:read"],
    run({ core, args }) {
      const { items, metadata } = page([...core.state.users.values()], args, 200);
      return {
        members: items.map((user) => userToWire(core.state, user)),
        cache_ts: Math.floor(core.now() / 1_000),
        ...metadata,
      };
    },
  },
  "usergroups.list": {
    token: "bot",
    scopes: ["usergroups:read"],
    run({ core, args }) {
      const groups = [...core.state.userGroups.values()].filter(
        (group) => !group.disabled || args.flag("include_disabled"),
      );
      return {
        usergroups: groups.map((group) => ({
          id: group.id,
          team_id: core.state.team.id,
          is_usergroup: true,
          name: group.name,
          handle: group.handle,
          date_delete: group.disabled ? 1 : 0,
          user_count: group.users.length,
          ...(args.flag("include_users") ? { users: group.users } : {}),
        })),
      };
    },
  },
  "usergroups.users.list": {
    token: "bot",
    scopes: ["usergroups:read"],
    run({ core, args }) {
      const group = core.state.userGroups.get(args.text("usergroup") ?? "");
      if (group === undefined) throw new SlackApiError("no_such_subteam");
      return { users: group.disabled && !args.flag("include_disabled") ? [] : group.users };
    },
  },
  "blocks.validate": {
    token: "none",
    scopes: [],
    run({ args, faults }) {
      const verdict = validateBlocks(args.json("blocks", "invalid_blocks_format"), "message", faults.refusedBlockTypes);
      if (verdict.problems.length > 0) throw new SlackApiError("invalid_blocks", { errors: verdict.problems });
      return { errors: [] };
    },
  },
};
