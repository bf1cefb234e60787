import { addHours, zoneChoices } from "~/core/format";
import { SelectField, TextField } from "../ui/field";

export interface When {
  starts_local: string;
  ends_local: string;
  zone: string;
}

const USUAL_HOURS = 3;

/** Start, end and zone. Moving the start moves the end along, so that an event never ends before it starts. */
export function WhenFields({ when, onChange }: { when: When; onChange: (part: Partial<When>) => void }) {
  const moveStart = (starts_local: string) => {
    const length = (Date.parse(`${when.ends_local}Z`) - Date.parse(`${when.starts_local}Z`)) / 3_600_000;
    const hours = Number.isFinite(length) && length > 0 ? length : USUAL_HOURS;
    onChange({ starts_local, ends_local: starts_local ? addHours(starts_local, hours) : "" });
  };
  return (
    <div className="stack">
      <div className="pair">
        <TextField
          label="Starts"
          name="starts_local"
          type="datetime-local"
          required
          value={when.starts_local}
          onText={moveStart}
        />
        <TextField
          label="Ends"
          name="ends_local"
          type="datetime-local"
          required
          min={when.starts_local}
          value={when.ends_local}
          onText={(ends_local) => onChange({ ends_local })}
        />
      </div>
      <SelectField label="Time zone" name="zone" value={when.zone} onText={(zone) => onChange({ zone })}>
        {zoneChoices(when.zone).map((zone) => (
          <option key={zone}>{zone}</option>
        ))}
      </SelectField>
    </div>
  );
}
