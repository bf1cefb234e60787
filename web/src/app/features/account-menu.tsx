import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { LogOut, Moon, Ticket, UserRound } from "lucide-react";
import { call } from "~/core/api";
import { isDark, setTheme } from "~/core/theme";
import { Menu } from "../ui/menu";
import { useAction } from "./action";
import { meQuery } from "./session";

export function AccountMenu() {
  const me = useQuery(meQuery).data;
  const navigate = useNavigate();
  const leave = useAction({
    run: (_: null, idempotencyKey) => call("/auth/sign-out", { method: "POST", idempotencyKey }),
    onDone: () => location.assign("/"),
  });
  const name = me?.name || me?.email || "Account";
  return (
    <Menu
      trigger={
        <button type="button" className="btn btn-ghost btn-sm min-w-0">
          <span className="avatar h-6 w-6" aria-hidden="true">
            {name.slice(0, 1).toUpperCase()}
          </span>
          <span className="visually-hidden">Account of </span>
          <span className="truncate max-lg:sr-only">{name}</span>
        </button>
      }
      entries={[
        {
          key: "account",
          label: "Account",
          icon: <UserRound aria-hidden="true" />,
          onSelect: () => void navigate({ to: "/account" }),
        },
        {
          key: "tickets",
          label: "My tickets",
          icon: <Ticket aria-hidden="true" />,
          onSelect: () => location.assign("/my/tickets"),
        },
        {
          key: "theme",
          label: "Light or dark",
          icon: <Moon aria-hidden="true" />,
          onSelect: () => setTheme(isDark() ? "light" : "dark"),
        },
        { key: "leave", label: "Sign out", icon: <LogOut aria-hidden="true" />, onSelect: () => leave.start(null) },
      ]}
    />
  );
}
