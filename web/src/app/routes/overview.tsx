import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, CircleDashed, Copy, ExternalLink, Receipt, ScanLine } from "lucide-react";
import { useState } from "react";
import { call } from "~/core/api";
import { type ChartDay, lastDays } from "~/core/chart";
import { formatCount, formatDateTime, relativeDays } from "~/core/format";
import { formatMoney } from "~/core/money";
import { may } from "~/core/rights";
import type { Event, Overview, Readiness, ReadinessItem } from "~/core/types";
import { useAction } from "../features/action";
import { useEvent } from "../features/event-context";
import { ordersQuery, overviewQuery } from "../features/queries";
import { useTitle } from "../features/use-title";
import { SalesChart } from "../ui/sales-chart";
import { Empty, Loaded, ProblemAlert } from "../ui/states";
import { EventBadge, OrderBadge } from "../ui/status";
import { say } from "../ui/toast";

function Kpi({ label, value, note }: { label: string; value: string; note?: string }) {
  return (
    <div className="kpi">
      <span className="kpi-label">{label}</span>
      <span className="kpi-value">{value}</span>
      {note ? <span className="kpi-note">{note}</span> : null}
    </div>
  );
}

function Kpis({ overview }: { overview: Overview }) {
  const { paid, awaiting_payment: waiting } = overview.orders;
  const { capacity, tickets_sold: sold } = overview;
  return (
    <div className="kpis">
      <Kpi label="Gross sales" value={formatMoney(overview.gross, undefined, "strip")} />
      <Kpi label="Tickets sold" value={formatCount(sold)} note={`of ${formatCount(capacity)}`} />
      <Kpi
        label="Paid orders"
        value={formatCount(paid)}
        note={waiting > 0 ? `${formatCount(waiting)} awaiting payment` : "none waiting"}
      />
      <Kpi label="Sold" value={capacity ? `${Math.floor((100 * sold) / capacity)}%` : "–"} note="of capacity" />
    </div>
  );
}

const RANGES = [7, 30, 90] as const;

function Sales({ overview, event }: { overview: Overview; event: Event }) {
  const [range, setRange] = useState<(typeof RANGES)[number]>(30);
  const { currency } = overview.gross;
  const known: ChartDay[] = overview.sales_by_day.map((day) => ({
    date: day.date,
    value: day.amount.amount,
  }));
  const isFree = known.every((day) => day.value === 0);
  const series = isFree ? overview.sales_by_day.map((day) => ({ date: day.date, value: day.tickets })) : known;
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: event.zone }).format(new Date());
  const format = (value: number) =>
    isFree ? formatCount(value) : formatMoney({ amount: Math.round(value), currency }, undefined, "strip");
  return (
    <section className="card" aria-label="Sales">
      <header className="card-head">
        <h2 className="h3">{isFree ? "Tickets by day" : "Sales by day"}</h2>
        <div className="tabs">
          {RANGES.map((days) => (
            <button
              key={days}
              type="button"
              className="tab"
              aria-pressed={range === days}
              onClick={() => setRange(days)}
            >
              {days} d
            </button>
          ))}
        </div>
      </header>
      <div className="card-body">
        <SalesChart days={lastDays(series, today, range)} format={format} label={`Sales of the last ${range} days`} />
      </div>
    </section>
  );
}

/** Where each thing that is missing is put right. */
const FIXES: Record<string, "/events/$event/tickets" | "/events/$event/settings"> = {
  has_ticket_type: "/events/$event/tickets",
  place: "/events/$event/settings",
  online_url: "/events/$event/settings",
};

function ReadinessRow({ item }: { item: ReadinessItem }) {
  const { event } = useEvent();
  const fix = item.ok ? undefined : FIXES[item.code];
  return (
    <li className="flex items-start gap-2">
      {item.ok ? (
        <CircleCheck className="icon icon-lg text-success-ink" aria-label="Done" />
      ) : (
        <CircleDashed className="icon icon-lg text-ink-3" aria-label="To do" />
      )}
      {fix ? (
        <Link className="link" to={fix} params={{ event: event.id }}>
          {item.text}
        </Link>
      ) : (
        <span className={item.ok ? "muted" : undefined}>{item.text}</span>
      )}
    </li>
  );
}

function Publish({ readiness }: { readiness: Readiness }) {
  const { base, event } = useEvent();
  const publish = useAction({
    isForm: true,
    says: "Published. People can see it now.",
    refresh: [["event", event.id], ["event-part", base, "overview"], ["events"], ["event-part", base, "ticket-types"]],
    run: (unlisted: boolean, idempotencyKey) =>
      call<Readiness>(`${base}/publish`, { method: "POST", json: { unlisted }, idempotencyKey }),
  });
  const required = readiness.items.filter((item) => item.is_required);
  const open = required.filter((item) => !item.ok).length;
  return (
    <section className="card" aria-label="Before you publish">
      <header className="card-head">
        <h2 className="h3">Before you publish</h2>
        <span className="small faint">{open === 0 ? "All set" : `${open} to do`}</span>
      </header>
      <div className="card-body stack">
        {publish.problem ? <ProblemAlert problem={publish.problem} /> : null}
        <ul className="stack stack-sm">
          {required.map((item) => (
            <ReadinessRow key={item.code} item={item} />
          ))}
        </ul>
        <div className="cluster">
          <button
            type="button"
            className="btn btn-primary grow"
            aria-busy={publish.isBusy}
            onClick={() => publish.start(false)}
          >
            Publish
          </button>
          <button type="button" className="btn btn-secondary" onClick={() => publish.start(true)}>
            Unlisted
          </button>
        </div>
        <p className="hint">An unlisted event sells tickets to people with the link, but no list shows it.</p>
      </div>
    </section>
  );
}

function Share({ event }: { event: Event }) {
  const url = new URL(event.url, location.origin).href;
  const copy = () =>
    void navigator.clipboard.writeText(url).then(
      () => say("Link copied."),
      () => say(url),
    );
  return (
    <section className="card" aria-label="Share">
      <header className="card-head">
        <h2 className="h3">Share</h2>
      </header>
      <div className="card-body stack stack-sm">
        <p className="input truncate flex items-center" title={url}>
          {url.replace(/^https?:\/\//, "")}
        </p>
        <button type="button" className="btn btn-secondary" onClick={copy}>
          <Copy aria-hidden="true" /> Copy link
        </button>
      </div>
    </section>
  );
}

function LatestOrders() {
  const { base, event } = useEvent();
  const query = useInfiniteQuery(ordersQuery(base, {}));
  return (
    <section className="card" aria-label="Latest orders">
      <header className="card-head">
        <h2 className="h3">Latest orders</h2>
        <Link className="btn btn-ghost btn-sm" to="/events/$event/orders" params={{ event: event.id }}>
          All orders
        </Link>
      </header>
      <Loaded query={query}>
        {(data) => {
          const orders = (data.pages[0]?.items ?? []).slice(0, 6);
          if (orders.length === 0) {
            return (
              <Empty icon={Receipt} title="No orders yet">
                The first one shows up here the moment it is placed.
              </Empty>
            );
          }
          return (
            <ul className="row-list">
              {orders.map((order) => (
                <li key={order.id} className="row-item">
                  <div className="grow">
                    <p className="truncate">
                      <Link
                        className="row-link strong"
                        to="/events/$event/orders"
                        params={{ event: event.id }}
                        search={{ order: order.id }}
                      >
                        {order.buyer_name || order.buyer_email}
                      </Link>
                    </p>
                    <p className="small faint truncate">
                      <span className="mono">{order.code}</span> · {formatDateTime(order.created_at, event.zone)}
                    </p>
                  </div>
                  <div className="flex flex-col items-end gap-1 sm:flex-row sm:items-center sm:gap-3">
                    <span className="num">{formatMoney(order.total)}</span>
                    <OrderBadge state={order.state} />
                  </div>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </section>
  );
}

/** People at the door see no sales; what they need is the scanner. */
function DoorCard() {
  const { event } = useEvent();
  return (
    <section className="card" aria-label="Check-in">
      <Empty
        icon={ScanLine}
        title="You are at the door"
        action={
          <Link className="btn btn-primary" to="/events/$event/check-in" params={{ event: event.id }}>
            Go to check-in
          </Link>
        }
      >
        Pick a check-in list and scan tickets with this phone.
      </Empty>
    </section>
  );
}

function Figures() {
  const { base, event, organisation } = useEvent();
  const query = useQuery({ ...overviewQuery(base), refetchInterval: 30_000 });
  const canPublish = event.status === "draft" && may(organisation.role, "edit_events");
  const waiting = (
    <div className="appear-late stack">
      <div className="skeleton h-24" />
      <div className="skeleton h-64" />
    </div>
  );
  return (
    <Loaded query={query} waiting={waiting}>
      {(overview) => (
        <>
          <Kpis overview={overview} />
          <div className="grid gap-5 items-start lg:grid-cols-[minmax(0,1fr)_320px]">
            <div className="stack gap-5 order-2 lg:order-none">
              <Sales overview={overview} event={event} />
              <LatestOrders />
            </div>
            <div className="stack gap-5 order-1 lg:order-none">
              {canPublish ? <Publish readiness={overview.readiness} /> : null}
              {event.status === "draft" ? null : <Share event={event} />}
            </div>
          </div>
        </>
      )}
    </Loaded>
  );
}

export function OverviewPage() {
  const { event, organisation } = useEvent();
  useTitle(event.title);
  return (
    <div className="content">
      <div className="content-head">
        <div>
          <h1 className="page-title">Overview</h1>
          <p className="muted cluster">
            <span>{relativeDays(event.starts_at, event.zone, new Date())}</span>
            <EventBadge status={event.status} endsAt={event.ends_at} />
          </p>
        </div>
        {event.status === "draft" ? null : (
          <a className="btn btn-secondary" href={event.url} target="_blank" rel="noreferrer">
            <ExternalLink aria-hidden="true" /> View event page
          </a>
        )}
      </div>
      {may(organisation.role, "view_orders") ? <Figures /> : <DoorCard />}
    </div>
  );
}
