import { useQuery } from "@tanstack/react-query";
import { Monitor } from "lucide-react";
import { useState } from "react";
import { call } from "~/core/api";
import { formatDateTime, viewerZone } from "~/core/format";
import type { Me, MePatch, Session } from "~/core/types";
import { useAction } from "../features/action";
import { sessionsQuery } from "../features/queries";
import { meQuery } from "../features/session";
import { useTitle } from "../features/use-title";
import { Form, TextField } from "../ui/field";
import { Loaded } from "../ui/states";

function Profile({ me }: { me: Me }) {
  const [name, setName] = useState(me.name ?? "");
  const save = useAction({
    isForm: true,
    says: "Saved.",
    refresh: [meQuery.queryKey],
    run: (json: MePatch) => call<Me>("/me", { method: "PATCH", json }),
  });
  return (
    <section className="card card-body-lg" aria-label="Profile">
      <Form problem={save.problem} fields={["name"]} onSubmit={() => save.start({ name: name.trim() })}>
        <TextField
          label="Name"
          name="name"
          required
          autoComplete="name"
          maxLength={120}
          hint={`Signed in as ${me.email}`}
          value={name}
          onText={setName}
        />
        <div className="cluster justify-end">
          <button type="submit" className="btn btn-primary" aria-busy={save.isBusy}>
            Save
          </button>
        </div>
      </Form>
    </section>
  );
}

const BROWSERS = ["Edg", "OPR", "Firefox", "Chrome", "Safari"] as const;
const SYSTEMS = ["Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"] as const;
const NAMES: Record<string, string> = { Edg: "Edge", OPR: "Opera", "Mac OS": "macOS" };

/** "Chrome on Android"; what says nothing that is known is shown as it came. */
function deviceName(session: Session): string {
  const find = (words: readonly string[]) => words.find((word) => session.user_agent.includes(word));
  const named = [find(BROWSERS), find(SYSTEMS)].filter((word) => word !== undefined).map((word) => NAMES[word] ?? word);
  return named.join(" on ") || session.user_agent || (session.kind === "api" ? "A program" : "A browser");
}

function SessionRow({ session }: { session: Session }) {
  const revoke = useAction({
    says: "Signed out there.",
    refresh: [["sessions"]],
    run: (id: string) => call(`/me/sessions/${id}`, { method: "DELETE" }),
  });
  return (
    <li className="row-item">
      <Monitor className="icon text-ink-3" aria-hidden="true" />
      <div className="grow">
        <p className="truncate" title={session.user_agent}>
          {deviceName(session)}
        </p>
        <p className="small faint">Last seen {formatDateTime(session.last_seen_at, viewerZone())}</p>
      </div>
      {session.current ? (
        <span className="badge badge-success">This one</span>
      ) : (
        <button
          type="button"
          className="btn btn-ghost btn-sm"
          aria-busy={revoke.isBusy}
          onClick={() => revoke.start(session.id)}
        >
          Sign out
        </button>
      )}
    </li>
  );
}

export function AccountPage() {
  useTitle("Account");
  const me = useQuery(meQuery);
  const sessions = useQuery(sessionsQuery);
  return (
    <div className="content content-form">
      <h1 className="page-title">Account</h1>
      <Loaded query={me}>{(loaded) => <Profile me={loaded} />}</Loaded>
      <section className="card" aria-label="Where you are signed in">
        <header className="card-head">
          <h2 className="h3">Where you are signed in</h2>
        </header>
        <Loaded query={sessions}>
          {(all) => (
            <ul className="row-list">
              {all.map((session) => (
                <SessionRow key={session.id} session={session} />
              ))}
            </ul>
          )}
        </Loaded>
      </section>
    </div>
  );
}
