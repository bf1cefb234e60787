import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { call } from "~/core/api";
import type { Organisation } from "~/core/api-types";
import { useAction } from "../features/action";
import { chooseOrganisation, meQuery } from "../features/session";
import { useTitle } from "../features/use-title";
import { Brand } from "../ui/brand";
import { ProblemAlert } from "../ui/states";

const route = getRouteApi("/member/invitations/accept");

export function InvitationPage() {
  useTitle("Invitation");
  const { token } = route.useSearch();
  const client = useQueryClient();
  const navigate = useNavigate();
  const accept = useAction({
    isForm: true,
    run: (json: { token: string }, idempotencyKey) =>
      call<Organisation>("/invitations/accept", { method: "POST", json, idempotencyKey }),
    onDone: async (organisation) => {
      await client.fetchQuery({ ...meQuery, staleTime: 0 });
      chooseOrganisation(organisation.id);
      void navigate({ to: "/" });
    },
  });
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="stack stack-lg w-full max-w-96">
        <Brand />
        <div className="stack stack-xs">
          <h1 className="h1">Join the team</h1>
          <p className="muted">You were invited to organise events together.</p>
        </div>
        {accept.problem ? <ProblemAlert problem={accept.problem} /> : null}
        <button
          type="button"
          className="btn btn-primary btn-lg btn-block"
          aria-busy={accept.isBusy}
          onClick={() => accept.start({ token })}
        >
          Accept invitation
        </button>
      </div>
    </main>
  );
}
