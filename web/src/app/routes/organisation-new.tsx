import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "~/core/api";
import { viewerZone, zoneChoices } from "~/core/format";
import type { Organisation, OrganisationDraft } from "~/core/types";
import { useAction } from "../features/action";
import { chooseOrganisation, meQuery } from "../features/session";
import { useTitle } from "../features/use-title";
import { Form, SelectField, TextField } from "../ui/field";

export const CURRENCIES = [
  "EUR",
  "GBP",
  "USD",
  "CHF",
  "DKK",
  "NOK",
  "SEK",
  "PLN",
  "CZK",
  "HUF",
  "RON",
  "CAD",
  "AUD",
  "JPY",
];

export function OrganisationNewPage() {
  useTitle("New organisation");
  const navigate = useNavigate();
  const client = useQueryClient();
  const [draft, setDraft] = useState<OrganisationDraft>({ name: "", currency: "EUR", time_zone: viewerZone() });
  const change = (part: Partial<OrganisationDraft>) => setDraft({ ...draft, ...part });
  const create = useAction({
    isForm: true,
    run: (json: OrganisationDraft, idempotencyKey) =>
      call<Organisation>("/organisations", { method: "POST", json, idempotencyKey }),
    onDone: async (organisation) => {
      await client.fetchQuery({ ...meQuery, staleTime: 0 });
      chooseOrganisation(organisation.id);
      void navigate({ to: "/" });
    },
  });
  return (
    <div className="content content-form">
      <div className="stack stack-xs">
        <h1 className="page-title">Name your organisation</h1>
        <p className="muted">The people behind the events: a club, a venue, a company, or just you.</p>
      </div>
      <Form
        className="card card-body-lg stack"
        problem={create.problem}
        fields={["name", "currency", "time_zone"]}
        onSubmit={() => create.start(draft)}
      >
        <TextField
          label="Name"
          name="name"
          required
          autoComplete="organization"
          placeholder="Northside Events"
          value={draft.name}
          onText={(name) => change({ name })}
        />
        <div className="pair">
          <SelectField
            label="Currency"
            name="currency"
            hint="What ticket prices are in."
            value={draft.currency}
            onText={(currency) => change({ currency })}
          >
            {CURRENCIES.map((currency) => (
              <option key={currency}>{currency}</option>
            ))}
          </SelectField>
          <SelectField
            label="Time zone"
            name="time_zone"
            value={draft.time_zone}
            onText={(time_zone) => change({ time_zone })}
          >
            {zoneChoices(draft.time_zone).map((zone) => (
              <option key={zone}>{zone}</option>
            ))}
          </SelectField>
        </div>
        <div className="cluster justify-end">
          <button type="submit" className="btn btn-primary" aria-busy={create.isBusy}>
            Create organisation
          </button>
        </div>
      </Form>
    </div>
  );
}
