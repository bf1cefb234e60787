import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Users } from "lucide-react";
import { formatDateTime } from "~/core/format";
import type { Attendee } from "~/core/types";
import { useEvent } from "../features/event-context";
import { attendeesQuery } from "../features/queries";
import { SearchField } from "../features/search-field";
import { useTitle } from "../features/use-title";
import { DataTable } from "../ui/data-table";
import { MoreButton } from "../ui/more-button";
import { Empty, Loaded } from "../ui/states";
import { TicketBadge } from "../ui/status";

const route = getRouteApi("/member/events/$event/attendees");

export function AttendeesPage() {
  useTitle("Attendees");
  const { base, event } = useEvent();
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(attendeesQuery(base, { q }));
  const search = (next: string) => void navigate({ replace: true, search: next ? { q: next } : {} });
  const orderLink = (row: Attendee, text: string, className: string) => (
    <Link className={className} to="/events/$event/orders" params={{ event: event.id }} search={{ q: row.order_code }}>
      {text}
    </Link>
  );
  return (
    <div className="content">
      <div className="content-head">
        <h1 className="page-title">Attendees</h1>
        <SearchField label="Search name, e-mail or code" value={q ?? ""} onSearch={search} />
      </div>
      <section className="card" aria-label="Attendees">
        <Loaded query={query}>
          {(data) => {
            const rows = data.pages.flatMap((page) => page.items);
            if (rows.length === 0) {
              return q ? (
                <Empty
                  icon={Users}
                  title="Nobody matches"
                  action={
                    <button type="button" className="btn btn-secondary" onClick={() => search("")}>
                      Clear search
                    </button>
                  }
                />
              ) : (
                <Empty icon={Users} title="No attendees yet">
                  Everyone with a ticket will be listed here.
                </Empty>
              );
            }
            return (
              <DataTable
                label="Attendees"
                rows={rows}
                rowKey={(row) => row.code}
                columns={[
                  { head: "Name", cell: (row) => <span className="strong">{row.holder_name || "No name given"}</span> },
                  { head: "Ticket", cell: (row) => row.type },
                  { head: "Code", cell: (row) => <span className="mono">{row.code}</span> },
                  { head: "Order", cell: (row) => orderLink(row, row.order_code, "mono link") },
                  {
                    head: "Check-in",
                    cell: (row) => <TicketBadge state={row.state} checkedInAt={row.checked_in_at} />,
                  },
                  {
                    head: "At",
                    cell: (row) => (row.checked_in_at ? formatDateTime(row.checked_in_at, event.zone) : ""),
                  },
                ]}
                phone={(row) => (
                  <>
                    <div className="grow">
                      <p className="truncate">
                        {orderLink(row, row.holder_name || "No name given", "row-link strong")}
                      </p>
                      <p className="small faint truncate">
                        {row.type} · <span className="mono">{row.code}</span>
                      </p>
                    </div>
                    <TicketBadge state={row.state} checkedInAt={row.checked_in_at} />
                  </>
                )}
              />
            );
          }}
        </Loaded>
        <MoreButton query={query} />
      </section>
    </div>
  );
}
