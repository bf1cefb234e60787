import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "~/core/api";
import { asProblem } from "~/core/problem";
import type { Organisation } from "~/core/types";
import { useAction } from "../features/action";
import { chooseOrganisation, meQuery, signInHref } from "../features/session";
import { useTitle } from "../features/use-title";
import { Brand } from "../ui/brand";
import { ErrorState, ProblemAlert } from "../ui/states";

const KEY = "turnout.invitation";

/** The token stands after #, so that no server log has it; it waits in this tab while the person signs in. */
function readToken(): string | null {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    sessionStorage.setItem(KEY, given);
    history.replaceState(history.state, "", location.pathname);
  }
  return given ?? sessionStorage.getItem(KEY);
}

function Accept({ token }: { token: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const accept = useAction({
    isForm: true,
    run: (json: { token: string }, idempotencyKey) =>
      call<Organisation>("/invitations/accept", { method: "POST", json, idempotencyKey }),
    onDone: async (organisation) => {
      sessionStorage.removeItem(KEY);
      await client.fetchQuery({ ...meQuery, staleTime: 0 });
      chooseOrganisation(organisation.id);
      void navigate({ to: "/" });
    },
  });
  return (
    <>
      {accept.problem ? <ProblemAlert problem={accept.problem} /> : null}
      <button
        type="button"
        className="btn btn-primary btn-lg btn-block"
        aria-busy={accept.isBusy}
        onClick={() => accept.start({ token })}
      >
        Accept invitation
      </button>
    </>
  );
}

export function InvitationPage() {
  useTitle("Invitation");
  const [token] = useState(readToken);
  const me = useQuery(meQuery);
  const isSignedOut = me.error !== null && asProblem(me.error).status === 401;
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="stack stack-lg w-full max-w-96">
        <Brand />
        <div className="stack stack-xs">
          <h1 className="h1">Join the team</h1>
          <p className="muted">
            {token
              ? "You were invited to organise events together."
              : "This link is not complete. Open it again from the e-mail."}
          </p>
        </div>
        {me.error && !isSignedOut ? <ErrorState error={me.error} onRetry={() => void me.refetch()} /> : null}
        {token && isSignedOut ? (
          <a href={signInHref("/app/invitations")} className="btn btn-primary btn-lg btn-block">
            Sign in to accept
          </a>
        ) : null}
        {token && me.data ? <Accept token={token} /> : null}
      </div>
    </main>
  );
}
