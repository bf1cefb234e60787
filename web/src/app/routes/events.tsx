import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { CalendarPlus } from "lucide-react";
import { formatCount, formatDateTime } from "~/core/format";
import { formatMoney } from "~/core/money";
import { may } from "~/core/rights";
import type { Event, Membership } from "~/core/types";
import { eventPath, eventsQuery, overviewQuery } from "../features/queries";
import { SearchField } from "../features/search-field";
import { useOrganisation } from "../features/session";
import { useTitle } from "../features/use-title";
import { Cover } from "../ui/cover";
import { MoreButton } from "../ui/more-button";
import { Empty, Loaded } from "../ui/states";
import { EventBadge } from "../ui/status";

const route = getRouteApi("/member/home/");
const STATES = [
  [undefined, "All"],
  ["published", "Published"],
  ["draft", "Drafts"],
  ["cancelled", "Cancelled"],
] as const;

function Sold({ event, organisation }: { event: Event; organisation: string }) {
  const query = useQuery(overviewQuery(eventPath(organisation, event.id)));
  const overview = query.data;
  if (query.isError) return null;
  if (!overview) return <div className="skeleton w-44" />;
  const capacity = overview.capacity ?? 0;
  return (
    <div className="stack stack-xs w-44 whitespace-nowrap">
      <div className="split small num">
        <span>
          {formatCount(overview.tickets_sold)}
          {capacity > 0 ? <span className="faint"> / {formatCount(capacity)}</span> : null}
        </span>
        <span className="muted">{formatMoney(overview.gross, undefined, "strip")}</span>
      </div>
      <div className="meter" aria-hidden="true">
        <span style={{ width: `${capacity > 0 ? Math.min(100, (100 * overview.tickets_sold) / capacity) : 0}%` }} />
      </div>
    </div>
  );
}

function EventRow({ event, organisation }: { event: Event; organisation: Membership }) {
  return (
    <li className="row-item">
      <Cover event={event} className="cover-thumb" />
      <div className="grow">
        <p className="truncate">
          <Link className="row-link strong" to="/events/$event" params={{ event: event.id }}>
            {event.title}
          </Link>
        </p>
        <p className="small muted truncate">
          {[formatDateTime(event.starts_at, event.zone), event.city ?? event.venue_name].filter(Boolean).join(" · ")}
        </p>
      </div>
      {may(organisation.role, "view_orders") ? (
        <div className="hidden md:block">
          <Sold event={event} organisation={organisation.id} />
        </div>
      ) : null}
      <div className="md:w-24 text-right">
        <EventBadge status={event.status} endsAt={event.ends_at} />
      </div>
    </li>
  );
}

export function EventsPage() {
  useTitle("Events");
  const organisation = useOrganisation();
  return organisation ? <Events key={organisation.id} organisation={organisation} /> : null;
}

function Events({ organisation }: { organisation: Membership }) {
  const { q, status } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(eventsQuery(organisation.id, { q, status }));
  const canEdit = may(organisation.role, "edit_events");
  const create = canEdit ? (
    <Link to="/events/new" className="btn btn-primary">
      Create event
    </Link>
  ) : null;
  return (
    <div className="content">
      <div className="content-head">
        <h1 className="page-title">Events</h1>
        {create}
      </div>
      <div className="split flex-wrap">
        <nav className="tabs" aria-label="Filter by status">
          {STATES.map(([value, name]) => (
            <button
              key={name}
              type="button"
              className="tab"
              aria-pressed={status === value}
              onClick={() =>
                void navigate({
                  search: { ...(q && { q }), ...(value && { status: value }) },
                })
              }
            >
              {name}
            </button>
          ))}
        </nav>
        <SearchField
          label="Search events"
          value={q ?? ""}
          onSearch={(next) =>
            void navigate({
              replace: true,
              search: { ...(status && { status }), ...(next && { q: next }) },
            })
          }
        />
      </div>
      <section className="card" aria-label="Events">
        <Loaded query={query}>
          {(data) => {
            const events = data.pages.flatMap((page) => page.items);
            if (events.length === 0 && (q || status)) {
              return (
                <Empty
                  icon={CalendarPlus}
                  title="No events match"
                  action={
                    <Link to="/" className="btn btn-secondary">
                      Clear filters
                    </Link>
                  }
                />
              );
            }
            if (events.length === 0) {
              return (
                <Empty icon={CalendarPlus} title="No events yet" action={create}>
                  Title, time, place and a price: one screen, and it is there.
                </Empty>
              );
            }
            return (
              <ul className="row-list">
                {events.map((event) => (
                  <EventRow key={event.id} event={event} organisation={organisation} />
                ))}
              </ul>
            );
          }}
        </Loaded>
        <MoreButton query={query} />
      </section>
    </div>
  );
}
