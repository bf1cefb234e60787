import { useState } from "react";
import { type Door, isTicketCode, searchDoor } from "~/core/door";
import type { DoorMatch } from "~/core/types";
import { ProblemAlert } from "../../ui/states";
import { TicketBadge } from "../../ui/status";
import { useAction } from "../action";

interface ManualEntryProps {
  door: Door;
  onCode: (code: string) => void;
}

/** A code is checked at once; anything else is looked for among the names. */
export function ManualEntry({ door, onCode }: ManualEntryProps) {
  const [text, setText] = useState("");
  const [matches, setMatches] = useState<readonly DoorMatch[] | null>(null);
  const search = useAction({ isForm: true, run: (q: string) => searchDoor(door, q), onDone: setMatches });
  const pick = (code: string) => {
    setText("");
    setMatches(null);
    onCode(code);
  };
  return (
    <section className="stack stack-sm" aria-label="Code or name">
      <form
        className="input-group"
        onSubmit={(event) => {
          event.preventDefault();
          const typed = text.trim();
          if (isTicketCode(typed)) pick(typed.toUpperCase());
          else if (typed) search.start(typed);
        }}
      >
        <input
          className="input"
          aria-label="Type a code, or search a name"
          placeholder="Type a code, or search a name"
          autoComplete="off"
          autoCapitalize="off"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            if (event.target.value === "") setMatches(null);
          }}
        />
        <button type="submit" className="btn btn-secondary h-10 md:h-9" aria-busy={search.isBusy}>
          Check
        </button>
      </form>
      {search.problem ? <ProblemAlert problem={search.problem} /> : null}
      {matches ? (
        <div className="card" aria-live="polite">
          {matches.length === 0 ? <p className="card-body muted">Nobody by that name on this list.</p> : null}
          <ul className="row-list">
            {matches.map((match) => (
              <li key={match.code} className="row-item">
                <div className="grow">
                  <p className="truncate">
                    <button type="button" className="row-link strong" onClick={() => pick(match.code)}>
                      {match.holder_name || "No name given"}
                    </button>
                  </p>
                  <p className="small faint truncate">
                    {match.type} · <span className="mono">{match.code}</span>
                  </p>
                </div>
                <TicketBadge state="valid" checkedInAt={match.admitted_at} />
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </section>
  );
}
