import { useQuery } from "@tanstack/react-query";
import { Mail } from "lucide-react";
import { useState } from "react";
import { call } from "~/core/api";
import { formatDateTime } from "~/core/format";
import { formatMoney } from "~/core/money";
import { may } from "~/core/rights";
import type { OrderDetail } from "~/core/types";
import { Dialog, Panel } from "../ui/overlay";
import { Loaded, ProblemAlert } from "../ui/states";
import { OrderBadge, TicketBadge } from "../ui/status";
import { useAction } from "./action";
import { useEvent } from "./event-context";
import { orderQuery } from "./queries";

function CancelDialog({ order, onClose }: { order: OrderDetail; onClose: () => void }) {
  const { base } = useEvent();
  const hasMoney = order.state === "paid" && order.total.amount > 0;
  const [refund, setRefund] = useState(hasMoney);
  const cancel = useAction({
    isForm: true,
    says: hasMoney && refund ? "Cancelled. The refund is on its way." : "Order cancelled.",
    refresh: [["event-part", base]],
    run: (withRefund: boolean, idempotencyKey) =>
      call(`${base}/orders/${order.id}/cancel`, { method: "POST", json: { refund: withRefund }, idempotencyKey }),
    onDone: onClose,
  });
  const verb = hasMoney && refund ? `Cancel and refund ${formatMoney(order.total)}` : "Cancel order";
  return (
    <Dialog
      open
      title={`Cancel order ${order.code}?`}
      onClose={onClose}
      foot={
        <>
          <button type="button" className="btn btn-secondary" onClick={onClose}>
            Keep order
          </button>
          <button
            type="button"
            className="btn btn-danger"
            aria-busy={cancel.isBusy}
            onClick={() => cancel.start(hasMoney && refund)}
          >
            {verb}
          </button>
        </>
      }
    >
      {cancel.problem ? <ProblemAlert problem={cancel.problem} /> : null}
      <p>
        The tickets of {order.buyer.name || order.buyer.email} stop working at the door, and their places go back on
        sale. This cannot be undone.
      </p>
      {hasMoney ? (
        <label className="choice">
          <input type="checkbox" checked={refund} onChange={(event) => setRefund(event.target.checked)} />
          <span>Refund {formatMoney(order.total)} to the way it was paid</span>
        </label>
      ) : null}
    </Dialog>
  );
}

function paymentText({ payment }: OrderDetail): string {
  if (!payment) return "None needed";
  const state = payment.state.charAt(0).toUpperCase() + payment.state.slice(1);
  return payment.refunded.amount > 0 ? `${state}, ${formatMoney(payment.refunded)} refunded` : state;
}

function Timeline({ order, zone }: { order: OrderDetail; zone: string }) {
  const steps = [
    { at: order.created_at, text: "Placed" },
    { at: order.paid_at, text: order.total.amount > 0 ? "Paid" : "Confirmed" },
  ];
  return (
    <ol className="timeline">
      {steps.map((step) =>
        step.at ? (
          <li key={step.text} className="is-done">
            <span className="strong">{step.text}</span>
            <time className="small faint" dateTime={step.at}>
              {formatDateTime(step.at, zone)}
            </time>
          </li>
        ) : null,
      )}
    </ol>
  );
}

function Details({ order, zone }: { order: OrderDetail; zone: string }) {
  return (
    <>
      <dl className="dl">
        <dt>Buyer</dt>
        <dd>{order.buyer.name}</dd>
        <dt>E-mail</dt>
        <dd>
          <a className="link" href={`mailto:${order.buyer.email}`}>
            {order.buyer.email}
          </a>
        </dd>
        <dt>Status</dt>
        <dd>
          <OrderBadge state={order.state} />
        </dd>
        <dt>Payment</dt>
        <dd>{paymentText(order)}</dd>
        {order.state === "awaiting_payment" && order.expires_at ? (
          <>
            <dt>Pay until</dt>
            <dd>{formatDateTime(order.expires_at, zone)}</dd>
          </>
        ) : null}
      </dl>
      <section className="card" aria-label="Items">
        <div className="card-body stack stack-sm">
          {order.lines.map((line) => (
            <p key={line.name} className="split">
              <span>
                {line.quantity} × {line.name}
              </span>
              <span className="num">{formatMoney(line.amount)}</span>
            </p>
          ))}
          <p className="split strong">
            <span>Total</span>
            <span className="num">{formatMoney(order.total)}</span>
          </p>
        </div>
      </section>
      {order.tickets.length > 0 ? (
        <section className="card" aria-label="Attendees">
          <ul className="row-list">
            {order.tickets.map((ticket) => (
              <li key={ticket.code} className="row-item">
                <div className="grow">
                  <p className="truncate">{ticket.holder_name || order.buyer.name}</p>
                  <p className="small faint truncate">
                    {ticket.type} · <span className="mono">{ticket.code}</span>
                  </p>
                </div>
                {ticket.state === "valid" ? null : <TicketBadge state={ticket.state} />}
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <Timeline order={order} zone={zone} />
    </>
  );
}

export function OrderPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const { base, event, organisation } = useEvent();
  const query = useQuery(orderQuery(base, id));
  const [isCancelling, setCancelling] = useState(false);
  const resend = useAction({
    says: "The tickets are on their way again.",
    run: (_: string, idempotencyKey) => call(`${base}/orders/${id}/resend`, { method: "POST", idempotencyKey }),
  });
  const order = query.data;
  const canAct = order && may(organisation.role, "manage_orders") && ["paid", "awaiting_payment"].includes(order.state);
  return (
    <Panel
      open
      title={order ? <span className="mono">{order.code}</span> : "Order"}
      onClose={onClose}
      foot={
        canAct ? (
          <>
            <button type="button" className="btn btn-secondary" onClick={() => setCancelling(true)}>
              Cancel order
            </button>
            {order.state === "paid" ? (
              <button
                type="button"
                className="btn btn-primary"
                aria-busy={resend.isBusy}
                onClick={() => resend.start(id)}
              >
                <Mail aria-hidden="true" /> Resend tickets
              </button>
            ) : null}
          </>
        ) : null
      }
    >
      <Loaded query={query}>{(loaded) => <Details order={loaded} zone={event.zone} />}</Loaded>
      {isCancelling && order ? <CancelDialog order={order} onClose={() => setCancelling(false)} /> : null}
    </Panel>
  );
}
