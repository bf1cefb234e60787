import { useQuery } from "@tanstack/react-query";
import { Plus, Ticket } from "lucide-react";
import { useState } from "react";
import { formatCount } from "~/core/format";
import { formatMoney } from "~/core/money";
import { may } from "~/core/rights";
import type { TicketType } from "~/core/types";
import { useEvent } from "../features/event-context";
import { PoolDialog } from "../features/pool-dialog";
import { poolsQuery, ticketTypesQuery } from "../features/queries";
import { TicketTypeDialog } from "../features/ticket-type-dialog";
import { useTitle } from "../features/use-title";
import { Empty, Loaded } from "../ui/states";
import { SaleBadge } from "../ui/status";

function priceText(type: TicketType): string {
  if (type.pricing === "free") return "Free";
  return type.pricing === "paid" ? formatMoney(type.price) : `From ${formatMoney(type.price)}, buyer decides`;
}

function Pools({ canEdit }: { canEdit: boolean }) {
  const { base } = useEvent();
  const query = useQuery(poolsQuery(base));
  const [editing, setEditing] = useState<string | null>(null);
  const pool = query.data?.find((one) => one.id === editing);
  return (
    <section className="card" aria-label="Capacity">
      <header className="card-head">
        <h2 className="h3">Capacity</h2>
        <span className="small faint">Each pool is a count of places that ticket types draw from</span>
      </header>
      <Loaded query={query}>
        {(pools) => (
          <ul className="row-list">
            {pools.map((one) => {
              const { sold } = one;
              return (
                <li key={one.id} className="row-item">
                  <div className="grow stack stack-xs">
                    <div className="split">
                      <span className="strong truncate">{one.name}</span>
                      <span className="small muted num">
                        {formatCount(sold)} sold{one.held ? `, ${formatCount(one.held)} held` : ""} of{" "}
                        {formatCount(one.capacity)}
                      </span>
                    </div>
                    <div className="meter" aria-hidden="true">
                      <span
                        style={{ width: `${one.capacity > 0 ? Math.min(100, (100 * sold) / one.capacity) : 0}%` }}
                      />
                    </div>
                  </div>
                  {canEdit ? (
                    <button type="button" className="btn btn-secondary btn-sm" onClick={() => setEditing(one.id)}>
                      Change
                    </button>
                  ) : null}
                </li>
              );
            })}
          </ul>
        )}
      </Loaded>
      {pool ? <PoolDialog pool={pool} onClose={() => setEditing(null)} /> : null}
    </section>
  );
}

export function TicketsPage() {
  useTitle("Tickets");
  const { base, organisation } = useEvent();
  const query = useQuery(ticketTypesQuery(base));
  const [open, setOpen] = useState<TicketType | "new" | null>(null);
  const canEdit = may(organisation.role, "edit_events");
  const add = (
    <button type="button" className="btn btn-primary" onClick={() => setOpen("new")}>
      <Plus aria-hidden="true" /> Add ticket type
    </button>
  );
  return (
    <div className="content">
      <div className="content-head">
        <h1 className="page-title">Tickets</h1>
        {canEdit ? add : null}
      </div>
      <section className="card" aria-label="Ticket types">
        <Loaded query={query}>
          {(types) =>
            types.length === 0 ? (
              <Empty icon={Ticket} title="No tickets yet">
                Add one, with a price or free, and say how many there are.
              </Empty>
            ) : (
              <ul className="row-list">
                {types.map((type) => (
                  <li key={type.id} className="row-item">
                    <div className="grow">
                      <p className="truncate">
                        {canEdit ? (
                          <button type="button" className="row-link strong" onClick={() => setOpen(type)}>
                            {type.name}
                          </button>
                        ) : (
                          <span className="strong">{type.name}</span>
                        )}
                      </p>
                      <p className="small muted truncate">
                        {priceText(type)}
                        {` · ${formatCount(type.available)} left`}
                        {type.description ? ` · ${type.description}` : ""}
                      </p>
                    </div>
                    <SaleBadge sale={type.sale} />
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </section>
      <Pools canEdit={canEdit} />
      {open ? <TicketTypeDialog type={open === "new" ? null : open} onClose={() => setOpen(null)} /> : null}
    </div>
  );
}
