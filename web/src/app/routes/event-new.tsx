import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "~/core/api";
import { viewerZone } from "~/core/format";
import { Problem } from "~/core/problem";
import type { Event, EventDraft, Pricing, TicketType, TicketTypeDraft } from "~/core/types";
import { useAction } from "../features/action";
import { eventPath, organisationPath, organisationQuery } from "../features/queries";
import { useOrganisation } from "../features/session";
import { FIRST_TICKET, readTicket, TICKET_FIELDS, type TicketInput } from "../features/ticket-input";
import { useTitle } from "../features/use-title";
import { type When, WhenFields } from "../features/when-fields";
import { type Where, WhereFields } from "../features/where-fields";
import { ChoiceField, Form, TextField } from "../ui/field";

interface Draft {
  event: EventDraft;
  ticket: TicketTypeDraft;
}

const FIELDS = [
  "title",
  "starts_local",
  "ends_local",
  "zone",
  "venue_name",
  "address",
  "city",
  "country",
  "online_url",
  ...TICKET_FIELDS,
];

/** Seven in the evening, three weeks from today: a start that is nearly always nearer to the wish than an empty field. */
function suggestedStart(): string {
  const at = new Date(Date.now() + 21 * 86_400_000);
  return `${at.toISOString().slice(0, 10)}T19:00`;
}

const given = <T extends object>(part: T): Partial<T> =>
  Object.fromEntries(Object.entries(part).filter(([, value]) => value !== "")) as Partial<T>;

/** Creates the event, then its first ticket type. When only the second fails, the next try goes on where this one stopped. */
function useCreate(organisation: string) {
  const [created, setCreated] = useState<Event | null>(null);
  const navigate = useNavigate();
  const create = useAction({
    isForm: true,
    refresh: [["events", organisation]],
    run: async (draft: Draft, idempotencyKey) => {
      const path = `${organisationPath(organisation)}/events`;
      const event = created ?? (await call<Event>(path, { method: "POST", json: draft.event, idempotencyKey }));
      setCreated(event);
      await call<TicketType>(`${eventPath(organisation, event.id)}/ticket-types`, {
        method: "POST",
        json: draft.ticket,
      });
      return event;
    },
    onDone: (event) => void navigate({ to: "/events/$event", params: { event: event.id } }),
  });
  return { create, isCreated: created !== null };
}

export function EventNewPage() {
  useTitle("Create event");
  const organisation = useOrganisation();
  const settings = useQuery({ ...organisationQuery(organisation?.id ?? ""), enabled: organisation !== undefined }).data;
  const [title, setTitle] = useState("");
  const [when, setWhen] = useState<When>(() => {
    const start = suggestedStart();
    return { starts_local: start, ends_local: `${start.slice(0, 10)}T22:00`, zone: "" };
  });
  const [where, setWhere] = useState<Where>({
    attendance: "in_person",
    venue_name: "",
    address: "",
    city: "",
    country: "",
    online_url: "",
  });
  const [ticket, setTicket] = useState<TicketInput>(FIRST_TICKET);
  const [unread, setUnread] = useState<Problem | null>(null);
  const { create, isCreated } = useCreate(organisation?.id ?? "");
  const currency = settings?.currency ?? "EUR";
  const zone = when.zone || settings?.time_zone || viewerZone();
  const submit = () => {
    const read = readTicket(ticket, currency, true);
    setUnread(read instanceof Problem ? read : null);
    if (read instanceof Problem) return;
    create.start({
      event: { title: title.trim(), ...when, zone, ...given(where), attendance: where.attendance },
      ticket: read,
    });
  };
  return (
    <div className="content content-form">
      <h1 className="page-title">Create event</h1>
      <Form className="stack stack-lg" problem={unread ?? create.problem} fields={FIELDS} onSubmit={submit}>
        <fieldset className="card card-body-lg stack" disabled={isCreated}>
          <legend className="visually-hidden">Event</legend>
          <TextField label="Title" name="title" required maxLength={140} autoFocus value={title} onText={setTitle} />
          <WhenFields when={{ ...when, zone }} onChange={(part) => setWhen({ ...when, ...part })} />
          <WhereFields where={where} onChange={(part) => setWhere({ ...where, ...part })} />
          {isCreated ? <p className="hint">The event is saved; only its ticket is missing.</p> : null}
        </fieldset>
        <section className="card card-body-lg stack" aria-label="Tickets">
          <h2 className="h3">First ticket</h2>
          <TextField
            label="Name"
            name="name"
            required
            value={ticket.name}
            onText={(name) => setTicket({ ...ticket, name })}
          />
          <ChoiceField<Pricing>
            legend="Price"
            name="pricing"
            value={ticket.pricing}
            choices={[
              { value: "paid", label: "Paid" },
              { value: "free", label: "Free" },
            ]}
            onPick={(pricing) => setTicket({ ...ticket, pricing })}
          />
          <div className="pair">
            {ticket.pricing === "paid" ? (
              <TextField
                label={`Price in ${currency}`}
                name="price"
                inputMode="decimal"
                required
                placeholder="22.50"
                value={ticket.price}
                onText={(price) => setTicket({ ...ticket, price })}
              />
            ) : null}
            <TextField
              label="How many"
              name="capacity"
              inputMode="numeric"
              required
              value={ticket.capacity}
              onText={(capacity) => setTicket({ ...ticket, capacity })}
            />
          </div>
          <p className="hint">
            More ticket types, a cover and the description come next. Nothing is public until you publish.
          </p>
        </section>
        <div className="cluster justify-end">
          <button type="submit" className="btn btn-primary btn-lg" aria-busy={create.isBusy}>
            Create event
          </button>
        </div>
      </Form>
    </div>
  );
}
