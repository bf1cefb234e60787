import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "~/core/api";
import type { SignIn } from "~/core/api-types";
import { useAction } from "../features/action";
import { meQuery } from "../features/session";
import { useTitle } from "../features/use-title";
import { Brand } from "../ui/brand";
import { Form, TextField } from "../ui/field";

const route = getRouteApi("/sign-in");

/** Only paths of this app are led back to; anything else would let a link send people elsewhere. */
function safeReturn(path: string | undefined): string {
  if (!path?.startsWith("/") || path.startsWith("//")) return "/app";
  return path.startsWith("/app") ? path : `/app${path}`;
}

export function SignInPage() {
  useTitle("Sign in");
  const client = useQueryClient();
  const { return_to: returnTo } = route.useSearch();
  const [email, setEmail] = useState("");
  const [code, setCode] = useState("");
  const [signIn, setSignIn] = useState<SignIn | null>(null);
  const ask = useAction({
    isForm: true,
    run: (address: string, idempotencyKey) =>
      call<SignIn>("/auth/sign-ins", { method: "POST", json: { email: address }, idempotencyKey }),
    onDone: setSignIn,
  });
  const verify = useAction({
    isForm: true,
    run: (given: { id: string; secret: string; code: string }, idempotencyKey) =>
      call(`/auth/sign-ins/${given.id}/verify`, {
        method: "POST",
        json: { code: given.code, browser_secret: given.secret },
        idempotencyKey,
      }),
    onDone: () => {
      client.removeQueries({ queryKey: meQuery.queryKey });
      location.assign(safeReturn(returnTo));
    },
  });
  const send = (given: string) =>
    signIn && verify.start({ id: signIn.id, secret: signIn.browser_secret, code: given.replace(/\D/g, "") });
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="stack stack-lg w-full max-w-96">
        <Brand />
        {signIn === null ? (
          <Form problem={ask.problem} fields={["email"]} onSubmit={() => ask.start(email.trim())}>
            <div className="stack stack-xs">
              <h1 className="h1">Sign in</h1>
              <p className="muted">We send a code to your e-mail. A new address makes a new account.</p>
            </div>
            <TextField
              label="E-mail"
              name="email"
              type="email"
              autoComplete="email"
              required
              value={email}
              onText={setEmail}
            />
            <button type="submit" className="btn btn-primary btn-lg btn-block" aria-busy={ask.isBusy}>
              Send code
            </button>
          </Form>
        ) : (
          <Form problem={verify.problem} fields={["code"]} onSubmit={() => send(code)}>
            <div className="stack stack-xs">
              <h1 className="h1">Enter the code</h1>
              <p className="muted">
                Six digits are on their way to <strong>{email.trim()}</strong>.
              </p>
            </div>
            <TextField
              label="Code"
              name="code"
              className="input input-code"
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={7}
              required
              autoFocus
              value={code}
              onText={(typed) => {
                setCode(typed);
                if (typed.replace(/\D/g, "").length === 6) send(typed);
              }}
            />
            <button type="submit" className="btn btn-primary btn-lg btn-block" aria-busy={verify.isBusy}>
              Sign in
            </button>
            <button
              type="button"
              className="btn btn-ghost btn-block"
              onClick={() => {
                setSignIn(null);
                setCode("");
                verify.reset();
              }}
            >
              Use another e-mail or send a new code
            </button>
          </Form>
        )}
      </div>
    </main>
  );
}
