import type { Attendance } from "~/core/types";
import { ChoiceField, TextField } from "../ui/field";

export interface Where {
  attendance: Attendance;
  venue_name: string;
  address: string;
  city: string;
  country: string;
  online_url: string;
}

const CHOICES = [
  { value: "in_person", label: "In person" },
  { value: "online", label: "Online" },
  { value: "hybrid", label: "Both" },
] as const;

export function WhereFields({ where, onChange }: { where: Where; onChange: (part: Partial<Where>) => void }) {
  return (
    <div className="stack">
      <ChoiceField
        legend="Where"
        name="attendance"
        value={where.attendance}
        choices={CHOICES}
        onPick={(attendance) => onChange({ attendance })}
      />
      {where.attendance !== "online" ? (
        <>
          <div className="pair">
            <TextField
              label="Venue"
              name="venue_name"
              value={where.venue_name}
              onText={(venue_name) => onChange({ venue_name })}
            />
            <TextField
              label="Address"
              name="address"
              optional
              value={where.address}
              onText={(address) => onChange({ address })}
            />
          </div>
          <div className="pair">
            <TextField label="City" name="city" value={where.city} onText={(city) => onChange({ city })} />
            <TextField
              label="Country"
              name="country"
              optional
              value={where.country}
              onText={(country) => onChange({ country })}
            />
          </div>
        </>
      ) : null}
      {where.attendance !== "in_person" ? (
        <TextField
          label="Link to join"
          name="online_url"
          type="url"
          optional
          hint="Only people with a ticket see it."
          placeholder="https://"
          value={where.online_url}
          onText={(online_url) => onChange({ online_url })}
        />
      ) : null}
    </div>
  );
}
