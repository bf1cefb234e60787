import type { EventStatus, OrderState, SaleState } from "~/core/types";

const EVENT: Record<EventStatus, [string, string]> = {
  draft: ["Draft", "badge"],
  published: ["Published", "badge badge-success"],
  unlisted: ["Unlisted", "badge badge-info"],
  cancelled: ["Cancelled", "badge badge-danger"],
};
const ORDER: Record<OrderState, [string, string]> = {
  awaiting_payment: ["Awaiting payment", "badge badge-warning"],
  paid: ["Paid", "badge badge-success"],
  cancelled: ["Cancelled", "badge badge-danger"],
  expired: ["Expired", "badge"],
  unfulfilled: ["Paid, not fulfilled", "badge badge-danger"],
};
const SALE: Record<SaleState, [string, string]> = {
  on_sale: ["On sale", "badge badge-success"],
  not_started: ["Scheduled", "badge badge-info"],
  ended: ["Ended", "badge"],
  sold_out: ["Sold out", "badge badge-warning"],
  not_published: ["Not published", "badge"],
};

function Badge({ look, state }: { look: [string, string] | undefined; state: string }) {
  const [word, className] = look ?? [state.replaceAll("_", " "), "badge"];
  return <span className={className}>{word}</span>;
}

/** A published event that is over reads "Ended". */
export function EventBadge({ status, endsAt }: { status: EventStatus; endsAt?: string }) {
  const isOver =
    endsAt !== undefined && Date.parse(endsAt) < Date.now() && status !== "draft" && status !== "cancelled";
  return isOver ? <span className="badge">Ended</span> : <Badge look={EVENT[status]} state={status} />;
}

export function OrderBadge({ state }: { state: OrderState }) {
  return <Badge look={ORDER[state]} state={state} />;
}

export function SaleBadge({ sale }: { sale: SaleState }) {
  return <Badge look={SALE[sale]} state={sale} />;
}

export function TicketBadge({ state, checkedInAt }: { state: string; checkedInAt?: string | null | undefined }) {
  if (state === "cancelled") return <span className="badge badge-danger">Cancelled</span>;
  if (checkedInAt) return <span className="badge badge-success">Checked in</span>;
  return <span className="badge">Not arrived</span>;
}
