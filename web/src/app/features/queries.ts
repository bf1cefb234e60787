import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { call } from "~/core/api";
import { asProblem } from "~/core/problem";
import type {
  Attendee,
  CheckInList,
  Device,
  Event,
  Invitation,
  Member,
  Membership,
  OrderDetail,
  OrderRow,
  Organisation,
  Overview,
  Page,
  Pool,
  Session,
  TicketType,
} from "~/core/types";

type Filters = Record<string, string | undefined>;

/** A list that is read page by page; the key carries the filters, so that each view has its own cache. */
function pages<T>(path: string, key: readonly unknown[], filters: Filters = {}) {
  return infiniteQueryOptions({
    queryKey: [...key, filters],
    queryFn: ({ pageParam, signal }) =>
      call<Page<T>>(path, { query: { ...filters, cursor: pageParam, limit: 50 }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  });
}

function all<T>(path: string, key: readonly unknown[]) {
  return queryOptions({
    queryKey: key,
    queryFn: ({ signal }) => call<Page<T>>(path, { query: { limit: 100 }, signal }).then((page) => page.items),
  });
}

export const sessionsQuery = all<Session>("/me/sessions", ["sessions"]);

export const organisationPath = (organisation: string) => `/organisations/${organisation}`;
export const eventPath = (organisation: string, event: string) => `/organisations/${organisation}/events/${event}`;

export const organisationQuery = (id: string) =>
  queryOptions({ queryKey: ["organisation", id], queryFn: () => call<Organisation>(organisationPath(id)) });
export const membersQuery = (id: string) => all<Member>(`${organisationPath(id)}/members`, ["members", id]);
export const invitationsQuery = (id: string) =>
  all<Invitation>(`${organisationPath(id)}/invitations`, ["invitations", id]);
export const eventsQuery = (id: string, filters: Filters) =>
  pages<Event>(`${organisationPath(id)}/events`, ["events", id], filters);

export interface FoundEvent {
  event: Event;
  organisation: Membership;
}

/** A link names only the event; it is looked for in each organisation of the person, the current one first. */
export const eventQuery = (organisations: readonly Membership[], id: string) =>
  queryOptions({
    queryKey: ["event", id],
    queryFn: async (): Promise<FoundEvent> => {
      let missing: unknown;
      for (const organisation of organisations) {
        try {
          return { event: await call<Event>(eventPath(organisation.id, id)), organisation };
        } catch (error) {
          if (asProblem(error).status !== 404) throw error;
          missing = error;
        }
      }
      throw missing ?? asProblem(new Error("You are in no organisation that has this event."));
    },
  });

const inEvent = (base: string, noun: string) => ["event-part", base, noun];
export const overviewQuery = (base: string) =>
  queryOptions({ queryKey: inEvent(base, "overview"), queryFn: () => call<Overview>(`${base}/overview`) });
export const ticketTypesQuery = (base: string) =>
  all<TicketType>(`${base}/ticket-types`, inEvent(base, "ticket-types"));
export const poolsQuery = (base: string) => all<Pool>(`${base}/pools`, inEvent(base, "pools"));
export const ordersQuery = (base: string, filters: Filters) =>
  pages<OrderRow>(`${base}/orders`, inEvent(base, "orders"), filters);
export const orderQuery = (base: string, order: string) =>
  queryOptions({
    queryKey: [...inEvent(base, "order"), order],
    queryFn: () => call<OrderDetail>(`${base}/orders/${order}`),
  });
export const attendeesQuery = (base: string, filters: Filters) =>
  pages<Attendee>(`${base}/attendees`, inEvent(base, "attendees"), filters);
export const listsQuery = (base: string) => all<CheckInList>(`${base}/check-in-lists`, inEvent(base, "lists"));
export const devicesQuery = (base: string, list: string) =>
  all<Device>(`${base}/check-in-lists/${list}/devices`, [...inEvent(base, "devices"), list]);
