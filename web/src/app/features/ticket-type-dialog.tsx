import { useState } from "react";
import { call } from "~/core/api";
import { Problem } from "~/core/problem";
import type { Pricing, TicketType, TicketTypeDraft } from "~/core/types";
import { ChoiceField, Form, TextField } from "../ui/field";
import { Dialog } from "../ui/overlay";
import { useAction } from "./action";
import { useEvent } from "./event-context";
import { FIRST_TICKET, readTicket, TICKET_FIELDS, type TicketInput, ticketInputOf } from "./ticket-input";

const PRICINGS = [
  { value: "paid", label: "Paid" },
  { value: "free", label: "Free" },
  { value: "pay_what_you_want", label: "Buyer decides" },
] as const;

const SOLD = [
  { value: "alone", label: "By itself" },
  { value: "with_ticket", label: "Only with a ticket" },
] as const;

export function TicketTypeDialog({ type, onClose }: { type: TicketType | null; onClose: () => void }) {
  const { base, event } = useEvent();
  const [input, setInput] = useState<TicketInput>(() => (type ? ticketInputOf(type) : { ...FIRST_TICKET, name: "" }));
  const [unread, setUnread] = useState<Problem | null>(null);
  const change = (part: Partial<TicketInput>) => setInput({ ...input, ...part });
  const refresh = [["event-part", base]];
  const save = useAction({
    isForm: true,
    says: type ? "Ticket type saved." : "Ticket type added.",
    refresh,
    run: (json: TicketTypeDraft, idempotencyKey) =>
      type
        ? call(`${base}/ticket-types/${type.id}`, { method: "PATCH", json, ifMatch: type.version })
        : call(`${base}/ticket-types`, { method: "POST", json, idempotencyKey }),
    onDone: onClose,
  });
  const archive = useAction({
    says: "Ticket type archived. Sold tickets stay valid.",
    refresh,
    run: (id: string) => call(`${base}/ticket-types/${id}`, { method: "DELETE" }),
    onDone: onClose,
  });
  const submit = () => {
    const read = readTicket(input, event.currency, type === null);
    setUnread(read instanceof Problem ? read : null);
    if (!(read instanceof Problem)) save.start(read);
  };
  return (
    <Dialog
      open
      title={type ? type.name : "Add ticket type"}
      onClose={onClose}
      foot={
        <>
          {type ? (
            <button
              type="button"
              className="btn btn-ghost"
              aria-busy={archive.isBusy}
              onClick={() => archive.start(type.id)}
            >
              Archive
            </button>
          ) : null}
          <button type="submit" form="ticket-type" className="btn btn-primary" aria-busy={save.isBusy}>
            {type ? "Save" : "Add ticket type"}
          </button>
        </>
      }
    >
      <Form id="ticket-type" problem={unread ?? save.problem} fields={TICKET_FIELDS} onSubmit={submit}>
        <TextField
          label="Name"
          name="name"
          required
          maxLength={100}
          value={input.name}
          onText={(name) => change({ name })}
        />
        <TextField
          label="Note"
          name="description"
          optional
          placeholder="12 March, all rooms"
          value={input.description}
          onText={(description) => change({ description })}
        />
        <ChoiceField<Pricing>
          legend="Price"
          name="pricing"
          value={input.pricing}
          choices={PRICINGS}
          onPick={(pricing) => change({ pricing })}
        />
        <div className="pair">
          {input.pricing !== "free" ? (
            <TextField
              label={`${input.pricing === "paid" ? "Price" : "Lowest price"} in ${event.currency}`}
              name="price"
              inputMode="decimal"
              required
              value={input.price}
              onText={(price) => change({ price })}
            />
          ) : null}
          {type === null ? (
            <TextField
              label="How many"
              name="capacity"
              inputMode="numeric"
              required
              value={input.capacity}
              onText={(capacity) => change({ capacity })}
            />
          ) : null}
        </div>
        <div className="pair">
          <TextField
            label="Least per order"
            name="minimum_per_order"
            inputMode="numeric"
            value={input.minimum}
            onText={(minimum) => change({ minimum })}
          />
          <TextField
            label="Most per order"
            name="maximum_per_order"
            inputMode="numeric"
            value={input.maximum}
            onText={(maximum) => change({ maximum })}
          />
        </div>
        <TextField
          label="Most per person, over all orders"
          name="maximum_per_person"
          inputMode="numeric"
          optional
          value={input.perPerson}
          onText={(perPerson) => change({ perPerson })}
        />
        <ChoiceField<TicketInput["sold"]>
          legend="Sold"
          name="sold"
          value={input.sold}
          choices={SOLD}
          onPick={(sold) => change({ sold })}
        />
        {type ? <p className="hint">How many there are is set under Capacity.</p> : null}
      </Form>
    </Dialog>
  );
}
