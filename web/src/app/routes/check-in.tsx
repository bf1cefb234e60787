import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Copy, ListChecks, Plus, ScanLine, Smartphone } from "lucide-react";
import { useState } from "react";
import { call } from "~/core/api";
import { formatCount, formatDateTime } from "~/core/format";
import { may } from "~/core/rights";
import type { CheckInList, NewDevice } from "~/core/types";
import { useAction } from "../features/action";
import { useEvent } from "../features/event-context";
import { devicesQuery, listsQuery, ticketTypesQuery } from "../features/queries";
import { useTitle } from "../features/use-title";
import { Form, TextField } from "../ui/field";
import { Dialog } from "../ui/overlay";
import { Empty, Loaded } from "../ui/states";
import { say } from "../ui/toast";

function ListDialog({ onClose }: { onClose: () => void }) {
  const { base } = useEvent();
  const types = useQuery(ticketTypesQuery(base)).data ?? [];
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const add = useAction({
    isForm: true,
    says: "List added.",
    refresh: [["event-part", base, "lists"]],
    run: (json: { name: string; ticket_type_ids?: readonly string[] }, idempotencyKey) =>
      call<CheckInList>(`${base}/check-in-lists`, { method: "POST", json, idempotencyKey }),
    onDone: onClose,
  });
  return (
    <Dialog
      open
      title="Add check-in list"
      onClose={onClose}
      foot={
        <button type="submit" form="list" className="btn btn-primary" aria-busy={add.isBusy}>
          Add list
        </button>
      }
    >
      <Form
        id="list"
        problem={add.problem}
        fields={["name"]}
        onSubmit={() => add.start({ name: name.trim(), ...(chosen.length > 0 && { ticket_type_ids: chosen }) })}
      >
        <TextField label="Name" name="name" required placeholder="Main gate" value={name} onText={setName} />
        <fieldset className="field">
          <legend className="label mb-1.5">Lets in</legend>
          {types.map((type) => (
            <label key={type.id} className="choice">
              <input
                type="checkbox"
                checked={chosen.includes(type.id)}
                onChange={(event) =>
                  setChosen(event.target.checked ? [...chosen, type.id] : chosen.filter((id) => id !== type.id))
                }
              />
              <span>{type.name}</span>
            </label>
          ))}
          <p className="hint">None ticked: every ticket of the event.</p>
        </fieldset>
      </Form>
    </Dialog>
  );
}

function DeviceDialog({ list, onClose }: { list: CheckInList; onClose: () => void }) {
  const { base } = useEvent();
  const [name, setName] = useState("");
  const [made, setMade] = useState<NewDevice | null>(null);
  const add = useAction({
    isForm: true,
    refresh: [["event-part", base, "devices"]],
    run: (json: { name: string }, idempotencyKey) =>
      call<NewDevice>(`${base}/check-in-lists/${list.id}/devices`, { method: "POST", json, idempotencyKey }),
    onDone: setMade,
  });
  const url = made ? new URL(made.url, location.origin).href : "";
  return (
    <Dialog
      open
      title={made ? "Door link" : `Add a device to ${list.name}`}
      onClose={onClose}
      foot={
        made ? (
          <button
            type="button"
            className="btn btn-primary"
            onClick={() =>
              void navigator.clipboard.writeText(url).then(
                () => say("Link copied."),
                () => say("Copy it by hand."),
              )
            }
          >
            <Copy aria-hidden="true" /> Copy link
          </button>
        ) : (
          <button type="submit" form="device" className="btn btn-primary" aria-busy={add.isBusy}>
            Make door link
          </button>
        )
      }
    >
      {made ? (
        <>
          <p>
            Open this link on the phone at the door. It is shown only now, needs no account, and scans only this list.
          </p>
          <textarea
            className="input mono small"
            rows={4}
            readOnly
            aria-label="Door link"
            value={url}
            onFocus={(event) => event.target.select()}
          />
        </>
      ) : (
        <Form id="device" problem={add.problem} fields={["name"]} onSubmit={() => add.start({ name: name.trim() })}>
          <TextField label="Name" name="name" required placeholder="Phone of Ines" value={name} onText={setName} />
        </Form>
      )}
    </Dialog>
  );
}

function Devices({ list, canEdit }: { list: CheckInList; canEdit: boolean }) {
  const { base, event } = useEvent();
  const query = useQuery(devicesQuery(base, list.id));
  const [isAdding, setAdding] = useState(false);
  const revoke = useAction({
    says: "The link no longer works.",
    refresh: [["event-part", base, "devices"]],
    run: (id: string) => call(`${base}/check-in-lists/${list.id}/devices/${id}`, { method: "DELETE" }),
  });
  const live = (query.data ?? []).filter((device) => !device.revoked_at);
  return (
    <>
      {live.length > 0 ? (
        <ul className="row-list">
          {live.map((device) => (
            <li key={device.id} className="row-item">
              <Smartphone className="icon text-ink-3" aria-hidden="true" />
              <div className="grow">
                <p className="truncate">{device.name}</p>
                <p className="small faint">
                  {device.last_seen_at
                    ? `Last seen ${formatDateTime(device.last_seen_at, event.zone)}`
                    : "Not opened yet"}
                </p>
              </div>
              {canEdit ? (
                <button type="button" className="btn btn-ghost btn-sm" onClick={() => revoke.start(device.id)}>
                  Revoke
                </button>
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
      {canEdit ? (
        <div className="card-foot">
          <button type="button" className="btn btn-secondary btn-sm" onClick={() => setAdding(true)}>
            <Plus aria-hidden="true" /> Add device
          </button>
        </div>
      ) : null}
      {isAdding ? <DeviceDialog list={list} onClose={() => setAdding(false)} /> : null}
    </>
  );
}

export function CheckInPage() {
  useTitle("Check-in");
  const { base, event, organisation } = useEvent();
  const query = useQuery(listsQuery(base));
  const [isAdding, setAdding] = useState(false);
  const canEdit = may(organisation.role, "edit_events");
  const add = canEdit ? (
    <button type="button" className="btn btn-primary" onClick={() => setAdding(true)}>
      <Plus aria-hidden="true" /> Add list
    </button>
  ) : null;
  return (
    <div className="content content-form">
      <div className="content-head">
        <h1 className="page-title">Check-in</h1>
        {query.data && query.data.length > 0 ? add : null}
      </div>
      <Loaded query={query}>
        {(lists) =>
          lists.length === 0 ? (
            <section className="card" aria-label="Lists">
              <Empty icon={ListChecks} title="No check-in list yet" action={add}>
                A list says which tickets a door lets in, once each.
              </Empty>
            </section>
          ) : (
            lists.map((list) => (
              <section key={list.id} className="card" aria-label={list.name}>
                <header className="card-head">
                  <div className="min-w-0">
                    <h2 className="h3 truncate">{list.name}</h2>
                    <p className="small faint">
                      {`${formatCount(list.admitted)} in · `}
                      {list.ticket_type_ids.length === 0
                        ? "All tickets"
                        : `${list.ticket_type_ids.length} of the ticket types`}
                    </p>
                  </div>
                  {/* A full load: only the scan page itself may open the camera and compile the decoder. */}
                  <Link
                    reloadDocument
                    className="btn btn-primary btn-sm"
                    to="/events/$event/scan"
                    params={{ event: event.id }}
                    search={{ list: list.id }}
                  >
                    <ScanLine aria-hidden="true" /> Scan here
                  </Link>
                </header>
                <Devices list={list} canEdit={canEdit} />
              </section>
            ))
          )
        }
      </Loaded>
      {isAdding ? <ListDialog onClose={() => setAdding(false)} /> : null}
    </div>
  );
}
