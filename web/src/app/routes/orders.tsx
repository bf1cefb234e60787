import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Receipt } from "lucide-react";
import { useEffect } from "react";
import { formatCount, formatDateTime } from "~/core/format";
import { formatMoney } from "~/core/money";
import type { OrderRow, OrderState } from "~/core/types";
import { useEvent } from "../features/event-context";
import { OrderPanel } from "../features/order-panel";
import { ordersQuery } from "../features/queries";
import { SearchField } from "../features/search-field";
import { useTitle } from "../features/use-title";
import { DataTable } from "../ui/data-table";
import { MoreButton } from "../ui/more-button";
import { Empty, Loaded } from "../ui/states";
import { OrderBadge } from "../ui/status";

const route = getRouteApi("/member/events/$event/orders");
const STATES: readonly [OrderState | undefined, string][] = [
  [undefined, "All"],
  ["paid", "Paid"],
  ["awaiting_payment", "Awaiting payment"],
  ["cancelled", "Cancelled"],
  ["expired", "Expired"],
  ["unfulfilled", "Needs a look"],
];

/** J and K walk the open order through the list, unless somebody is typing. */
function useWalk(ids: readonly string[], current: string | undefined, open: (id: string) => void) {
  useEffect(() => {
    if (!current) return;
    const onKey = (event: KeyboardEvent) => {
      const target = event.target;
      if (target instanceof HTMLElement && target.closest("input, textarea, select")) return;
      const step = event.key === "j" ? 1 : event.key === "k" ? -1 : 0;
      const next = step === 0 ? undefined : ids[ids.indexOf(current) + step];
      if (next) open(next);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [ids, current, open]);
}

export function OrdersPage() {
  useTitle("Orders");
  const { base, event } = useEvent();
  const { q, state, order } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(ordersQuery(base, { q, state }));
  const filters = { ...(q && { q }), ...(state && { state }) };
  const open = (id: string) => void navigate({ search: { ...filters, order: id } });
  const orders = query.data?.pages.flatMap((page) => page.items) ?? [];
  useWalk(
    orders.map((one) => one.id),
    order,
    open,
  );
  const codeButton = (row: OrderRow, text: string, className: string) => (
    <button type="button" className={`row-link ${className}`} onClick={() => open(row.id)}>
      {text}
    </button>
  );
  return (
    <div className="content">
      <h1 className="page-title">Orders</h1>
      <div className="split flex-wrap">
        <div className="tabs">
          {STATES.map(([value, name]) => (
            <button
              key={name}
              type="button"
              className="tab"
              aria-pressed={state === value}
              onClick={() => void navigate({ search: { ...(q && { q }), ...(value && { state: value }) } })}
            >
              {name}
            </button>
          ))}
        </div>
        <SearchField
          label="Search orders"
          value={q ?? ""}
          onSearch={(next) =>
            void navigate({ replace: true, search: { ...(state && { state }), ...(next && { q: next }) } })
          }
        />
      </div>
      <section className="card" aria-label="Orders">
        <Loaded query={query}>
          {() => {
            if (orders.length === 0 && (q || state)) {
              return (
                <Empty
                  icon={Receipt}
                  title="No orders match"
                  action={
                    <button type="button" className="btn btn-secondary" onClick={() => void navigate({ search: {} })}>
                      Clear filters
                    </button>
                  }
                />
              );
            }
            if (orders.length === 0) {
              return (
                <Empty icon={Receipt} title="No orders yet">
                  Each order of this event will be listed here, with its tickets and its payment.
                </Empty>
              );
            }
            return (
              <DataTable
                label="Orders"
                rows={orders}
                rowKey={(row) => row.id}
                columns={[
                  { head: "Order", cell: (row) => codeButton(row, row.code, "mono link") },
                  {
                    head: "Buyer",
                    cell: (row) => (
                      <>
                        <p className="leading-5">{row.buyer_name}</p>
                        <p className="tiny faint">{row.buyer_email}</p>
                      </>
                    ),
                  },
                  { head: "Tickets", isNumber: true, cell: (row) => formatCount(row.tickets) },
                  { head: "Total", isNumber: true, cell: (row) => formatMoney(row.total) },
                  { head: "Status", cell: (row) => <OrderBadge state={row.state} /> },
                  { head: "Placed", cell: (row) => formatDateTime(row.created_at, event.zone) },
                ]}
                phone={(row) => (
                  <>
                    <div className="grow">
                      <p className="truncate">{codeButton(row, row.buyer_name || row.buyer_email, "strong")}</p>
                      <p className="small faint truncate">
                        <span className="mono">{row.code}</span> · {formatDateTime(row.created_at, event.zone)}
                      </p>
                    </div>
                    <div className="stack stack-xs justify-items-end">
                      <span className="num">{formatMoney(row.total)}</span>
                      <OrderBadge state={row.state} />
                    </div>
                  </>
                )}
              />
            );
          }}
        </Loaded>
        <MoreButton query={query} />
      </section>
      {order ? <OrderPanel id={order} onClose={() => void navigate({ search: filters })} /> : null}
    </div>
  );
}
