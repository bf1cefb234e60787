import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "~/core/api";
import type { Category, Event, EventPatch } from "~/core/types";
import { useAction } from "../features/action";
import { CoverField } from "../features/cover-field";
import { useEvent } from "../features/event-context";
import { useTitle } from "../features/use-title";
import { WhenFields } from "../features/when-fields";
import { type Where, WhereFields } from "../features/where-fields";
import { Form, SelectField, TextArea, TextField } from "../ui/field";
import { HueField } from "../ui/hue-field";
import { Dialog } from "../ui/overlay";
import { ProblemAlert } from "../ui/states";

const FIELDS = [
  "title",
  "summary",
  "description",
  "category",
  "hue",
  "starts_local",
  "ends_local",
  "zone",
  "venue_name",
  "address",
  "city",
  "country",
  "online_url",
];

const CATEGORIES: readonly Category[] = [
  "music",
  "conference",
  "meetup",
  "workshop",
  "sport",
  "theatre",
  "party",
  "other",
];

interface Basics extends Where {
  title: string;
  summary: string;
  description: string;
  category: Category;
  hue: number;
  starts_local: string;
  ends_local: string;
  zone: string;
}

function basicsOf(event: Event): Basics {
  return {
    title: event.title,
    summary: event.summary ?? "",
    description: event.description ?? "",
    category: event.category,
    hue: event.hue,
    starts_local: event.starts_local.slice(0, 16),
    ends_local: event.ends_local.slice(0, 16),
    zone: event.zone,
    attendance: event.attendance,
    venue_name: event.venue_name ?? "",
    address: event.address ?? "",
    city: event.city ?? "",
    country: event.country ?? "",
    online_url: event.online_url ?? "",
  };
}

/** Only what changed is sent; a text that was emptied is cleared with null. */
export function changesOf(before: Basics, after: Basics): EventPatch {
  const keys = Object.keys(after) as (keyof Basics)[];
  return Object.fromEntries(
    keys.filter((key) => before[key] !== after[key]).map((key) => [key, after[key] === "" ? null : after[key]]),
  );
}

function CancelEvent() {
  const { base, event } = useEvent();
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const cancel = useAction({
    isForm: true,
    says: "The event is cancelled.",
    refresh: [["event", event.id], ["event-part", base], ["events"]],
    run: (_: string, idempotencyKey) => call<Event>(`${base}/cancel`, { method: "POST", idempotencyKey }),
    onDone: () => setOpen(false),
  });
  return (
    <section className="card card-body-lg split flex-wrap" aria-label="Cancel event">
      <div>
        <h2 className="h3">Cancel this event</h2>
        <p className="small muted">Sales stop, and the page says that it does not take place.</p>
      </div>
      <button type="button" className="btn btn-secondary" onClick={() => setOpen(true)}>
        Cancel event
      </button>
      <Dialog
        open={isOpen}
        title="Cancel this event?"
        onClose={() => setOpen(false)}
        foot={
          <button
            type="button"
            className="btn btn-danger"
            aria-busy={cancel.isBusy}
            disabled={typed.trim() !== event.title}
            onClick={() => cancel.start(event.id)}
          >
            Cancel event
          </button>
        }
      >
        {cancel.problem ? <ProblemAlert problem={cancel.problem} /> : null}
        <p>This cannot be undone. Type the title of the event to go on: {event.title}</p>
        <TextField label="Title" name="confirm" autoComplete="off" value={typed} onText={setTyped} />
      </Dialog>
    </section>
  );
}

export function EventSettingsPage() {
  useTitle("Settings");
  const { base, event } = useEvent();
  const navigate = useNavigate();
  const [basics, setBasics] = useState<Basics>(() => basicsOf(event));
  const change = (part: Partial<Basics>) => setBasics((before) => ({ ...before, ...part }));
  const save = useAction({
    isForm: true,
    says: "Saved.",
    refresh: [["event", event.id], ["events"], ["event-part", base, "overview"]],
    run: (json: EventPatch) => call<Event>(base, { method: "PATCH", json, ifMatch: event.version }),
    onDone: (saved) => setBasics(basicsOf(saved)),
  });
  const isStale = save.problem?.status === 412;
  return (
    <div className="content content-form">
      <h1 className="page-title">Settings</h1>
      {isStale ? (
        <div className="alert alert-warning" role="alert">
          <div className="grow">
            <p className="alert-title">Somebody else changed this event meanwhile</p>
            <p>Load their version, then make your change again.</p>
          </div>
          <button
            type="button"
            className="btn btn-secondary btn-sm"
            onClick={() => void navigate({ to: ".", reloadDocument: true })}
          >
            Load
          </button>
        </div>
      ) : null}
      <CoverField />
      <Form
        className="stack stack-lg"
        problem={isStale ? null : save.problem}
        fields={FIELDS}
        onSubmit={() => save.start(changesOf(basicsOf(event), basics))}
      >
        <section className="card card-body-lg stack" aria-label="Basics">
          <TextField
            label="Title"
            name="title"
            required
            maxLength={140}
            value={basics.title}
            onText={(title) => change({ title })}
          />
          <TextField
            label="Summary"
            name="summary"
            optional
            maxLength={280}
            hint="One sentence for lists and link previews."
            value={basics.summary}
            onText={(summary) => change({ summary })}
          />
          <TextArea
            label="Description"
            name="description"
            optional
            rows={10}
            hint="Markdown: **bold**, lists, links."
            value={basics.description}
            onText={(description) => change({ description })}
          />
          <SelectField
            label="Category"
            name="category"
            value={basics.category}
            onText={(word) => change({ category: CATEGORIES.find((one) => one === word) ?? "other" })}
          >
            {CATEGORIES.map((word) => (
              <option key={word} value={word}>
                {word.charAt(0).toUpperCase() + word.slice(1)}
              </option>
            ))}
          </SelectField>
          <HueField hue={basics.hue} onPick={(hue) => change({ hue })} />
        </section>
        <section className="card card-body-lg stack" aria-label="When and where">
          <WhenFields when={basics} onChange={change} />
          <WhereFields where={basics} onChange={change} />
        </section>
        <div className="cluster justify-end">
          <button type="submit" className="btn btn-primary" aria-busy={save.isBusy}>
            Save
          </button>
        </div>
      </Form>
      {event.status !== "cancelled" ? <CancelEvent /> : null}
    </div>
  );
}
