import { getRouteApi, Link, Outlet } from "@tanstack/react-router";
import { ArrowLeft, LayoutGrid, QrCode, Receipt, Settings, Ticket, Users } from "lucide-react";
import { useMemo } from "react";
import { formatDay } from "~/core/format";
import { may } from "~/core/rights";
import { AccountMenu } from "../features/account-menu";
import { CurrentEvent } from "../features/event-context";
import { eventPath, type FoundEvent } from "../features/queries";
import { useEventQuery } from "../features/use-event-query";
import { Cover } from "../ui/cover";
import { type NavEntry, Shell } from "../ui/shell";
import { Loaded } from "../ui/states";

const route = getRouteApi("/member/events/$event");

function navigation({ event, organisation }: FoundEvent): NavEntry[] {
  const params = { event: event.id };
  const role = organisation.role;
  return [
    { label: "Overview", icon: LayoutGrid, link: { to: "/events/$event", params } },
    ...(may(role, "view_orders")
      ? ([
          { label: "Orders", icon: Receipt, link: { to: "/events/$event/orders", params } },
          { label: "Attendees", icon: Users, link: { to: "/events/$event/attendees", params } },
        ] satisfies NavEntry[])
      : []),
    { label: "Tickets", icon: Ticket, link: { to: "/events/$event/tickets", params } },
    ...(may(role, "check_in")
      ? ([{ label: "Check-in", icon: QrCode, link: { to: "/events/$event/check-in", params } }] satisfies NavEntry[])
      : []),
    ...(may(role, "edit_events")
      ? ([{ label: "Settings", icon: Settings, link: { to: "/events/$event/settings", params } }] satisfies NavEntry[])
      : []),
  ];
}

function EventHead({ found }: { found: FoundEvent }) {
  const { event } = found;
  return (
    <div className="stack stack-xs">
      <div className="flex items-center gap-2.5 p-1 min-w-0">
        <Link to="/" className="btn btn-ghost btn-icon btn-sm lg:hidden" aria-label="All events">
          <ArrowLeft aria-hidden="true" />
        </Link>
        <Cover event={event} className="cover-thumb h-8 w-8" />
        <div className="grow">
          <p className="strong truncate small">{event.title}</p>
          <p className="tiny faint truncate">
            {[formatDay(event.starts_at, event.zone), event.city].filter(Boolean).join(" · ")}
          </p>
        </div>
      </div>
      <Link to="/" className="nav-item hidden lg:flex">
        <ArrowLeft aria-hidden="true" /> All events
      </Link>
    </div>
  );
}

export function EventShell() {
  const { event: id } = route.useParams();
  const query = useEventQuery(id);
  const found = query.data;
  const value = useMemo(() => found && { ...found, base: eventPath(found.organisation.id, found.event.id) }, [found]);
  return (
    <Shell
      head={found ? <EventHead found={found} /> : <div className="skeleton h-10" />}
      entries={found ? navigation(found) : []}
      foot={<AccountMenu />}
    >
      <Loaded query={query}>
        {() => (
          <CurrentEvent.Provider value={value ?? null}>
            <Outlet />
          </CurrentEvent.Provider>
        )}
      </Loaded>
    </Shell>
  );
}
