import { createContext, useContext } from "react";
import type { Event, Membership } from "~/core/types";

export interface EventContext {
  event: Event;
  organisation: Membership;
  /** API path of the event: /organisations/{organisation}/events/{event} */
  base: string;
}

export const CurrentEvent = createContext<EventContext | null>(null);

export function useEvent(): EventContext {
  const current = useContext(CurrentEvent);
  if (!current) throw new Error("This page is shown inside an event.");
  return current;
}
