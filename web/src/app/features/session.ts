import { queryOptions, useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { call } from "~/core/api";
import type { Me, Membership } from "~/core/types";

const CHOICE = "turnout.organisation";

export const meQuery = queryOptions({ queryKey: ["me"], queryFn: () => call<Me>("/me"), staleTime: 60_000 });

/** The server's sign-in page, which sets the session cookie and leads back to a path of this site. */
export const signInHref = (path: string) => `/login?${new URLSearchParams({ return_to: path })}`;

const listeners = new Set<() => void>();

/** Remembers on this device which organisation a person works in. */
export function chooseOrganisation(id: string) {
  localStorage.setItem(CHOICE, id);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The organisation chosen on this device, or the first one; undefined while loading or when there is none. */
export function useOrganisation(): Membership | undefined {
  const chosen = useSyncExternalStore(subscribe, () => localStorage.getItem(CHOICE));
  const organisations = useQuery(meQuery).data?.organisations ?? [];
  return organisations.find((one) => one.id === chosen) ?? organisations[0];
}
