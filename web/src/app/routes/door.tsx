import { useMemo, useState } from "react";
import { deviceDoor } from "~/core/door";
import { Scanner } from "../features/scanner/scanner";
import { useTitle } from "../features/use-title";
import { Brand } from "../ui/brand";

const KEY = "turnout.door_token";

/** The door link carries the token after #, which browsers never send; it is kept on this device and leaves the address bar. */
function readToken(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    localStorage.setItem(KEY, given);
    history.replaceState(history.state, "", location.pathname);
  }
  return given ?? localStorage.getItem(KEY);
}

function NoDoor({ text }: { text: string }) {
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="stack w-full max-w-96">
        <Brand />
        <h1 className="h1">Ask for a door link</h1>
        <p className="muted">{text}</p>
        <p className="muted">The organiser makes one under Check-in: “Add device”. Open it on this phone.</p>
      </div>
    </main>
  );
}

export function DoorPage() {
  useTitle("Door");
  const [token] = useState(readToken);
  const door = useMemo(() => token && deviceDoor(token), [token]);
  if (!door) return <NoDoor text="This device is not set up for scanning yet." />;
  return (
    <Scanner
      door={door}
      onRefused={(status) =>
        status === 401 || status === 403 ? <NoDoor text="The link of this device no longer works." /> : null
      }
    />
  );
}
