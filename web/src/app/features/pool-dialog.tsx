import { useState } from "react";
import { call } from "~/core/api";
import type { Pool } from "~/core/types";
import { Form, TextField } from "../ui/field";
import { Dialog } from "../ui/overlay";
import { useAction } from "./action";
import { useEvent } from "./event-context";

export function PoolDialog({ pool, onClose }: { pool: Pool; onClose: () => void }) {
  const { base } = useEvent();
  const [name, setName] = useState(pool.name);
  const [capacity, setCapacity] = useState(String(pool.capacity));
  const save = useAction({
    isForm: true,
    says: "Capacity saved.",
    refresh: [["event-part", base]],
    run: (json: { name: string; capacity: number }) => call(`${base}/pools/${pool.id}`, { method: "PATCH", json }),
    onDone: onClose,
  });
  return (
    <Dialog
      open
      title="Change capacity"
      onClose={onClose}
      foot={
        <button type="submit" form="pool" className="btn btn-primary" aria-busy={save.isBusy}>
          Save
        </button>
      }
    >
      <Form
        id="pool"
        problem={save.problem}
        fields={["name", "capacity"]}
        onSubmit={() => save.start({ name: name.trim(), capacity: Number(capacity) })}
      >
        <TextField label="Name" name="name" required value={name} onText={setName} />
        <TextField
          label="Places"
          name="capacity"
          type="number"
          min={0}
          required
          hint={`${pool.sold} sold and ${pool.held} held now; it cannot be less.`}
          value={capacity}
          onText={setCapacity}
        />
      </Form>
    </Dialog>
  );
}
