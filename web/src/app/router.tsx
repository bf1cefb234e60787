import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { asProblem } from "~/core/problem";
import { meQuery, signInHref } from "./features/session";
import { ErrorState } from "./ui/states";

const rootRoute = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Outlet,
  notFoundComponent: () => <ErrorState error={new Error("This page does not exist.")} />,
});

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

const doorRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/door",
  component: lazyRouteComponent(() => import("./routes/door"), "DoorPage"),
});

/** Everything behind it needs an account; without one the server's sign-in page comes first and leads back. */
const memberRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "member",
  beforeLoad: async ({ context, location }) => {
    try {
      await context.client.ensureQueryData(meQuery);
    } catch (error) {
      if (asProblem(error).status === 401)
        throw redirect({ href: signInHref(location.publicHref), reloadDocument: true });
      throw error;
    }
  },
  component: Outlet,
});

const homeRoute = createRoute({
  getParentRoute: () => memberRoute,
  id: "home",
  component: lazyRouteComponent(() => import("./routes/home-shell"), "HomeShell"),
});
const eventsRoute = createRoute({
  getParentRoute: () => homeRoute,
  path: "/",
  validateSearch: (search: Record<string, unknown>): { q?: string; status?: string } => ({
    ...(text(search.q) && { q: String(search.q) }),
    ...(text(search.status) && { status: String(search.status) }),
  }),
  component: lazyRouteComponent(() => import("./routes/events"), "EventsPage"),
});
const membersRoute = createRoute({
  getParentRoute: () => homeRoute,
  path: "/members",
  component: lazyRouteComponent(() => import("./routes/members"), "MembersPage"),
});
const organisationNewRoute = createRoute({
  getParentRoute: () => homeRoute,
  path: "/organisations/new",
  component: lazyRouteComponent(() => import("./routes/organisation-new"), "OrganisationNewPage"),
});
const eventNewRoute = createRoute({
  getParentRoute: () => homeRoute,
  path: "/events/new",
  component: lazyRouteComponent(() => import("./routes/event-new"), "EventNewPage"),
});
const accountRoute = createRoute({
  getParentRoute: () => homeRoute,
  path: "/account",
  component: lazyRouteComponent(() => import("./routes/account"), "AccountPage"),
});
const invitationRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: "/invitations",
  component: lazyRouteComponent(() => import("./routes/invitation"), "InvitationPage"),
});

const eventRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: "/events/$event",
  component: lazyRouteComponent(() => import("./routes/event-shell"), "EventShell"),
});
const overviewRoute = createRoute({
  getParentRoute: () => eventRoute,
  path: "/",
  component: lazyRouteComponent(() => import("./routes/overview"), "OverviewPage"),
});
const ordersRoute = createRoute({
  getParentRoute: () => eventRoute,
  path: "/orders",
  validateSearch: (search: Record<string, unknown>): { q?: string; state?: string; order?: string } => ({
    ...(text(search.q) && { q: String(search.q) }),
    ...(text(search.state) && { state: String(search.state) }),
    ...(text(search.order) && { order: String(search.order) }),
  }),
  component: lazyRouteComponent(() => import("./routes/orders"), "OrdersPage"),
});
const attendeesRoute = createRoute({
  getParentRoute: () => eventRoute,
  path: "/attendees",
  validateSearch: (search: Record<string, unknown>): { q?: string } => {
    const q = text(search.q);
    return q ? { q } : {};
  },
  component: lazyRouteComponent(() => import("./routes/attendees"), "AttendeesPage"),
});
const ticketsRoute = createRoute({
  getParentRoute: () => eventRoute,
  path: "/tickets",
  component: lazyRouteComponent(() => import("./routes/tickets"), "TicketsPage"),
});
const checkInRoute = createRoute({
  getParentRoute: () => eventRoute,
  path: "/check-in",
  component: lazyRouteComponent(() => import("./routes/check-in"), "CheckInPage"),
});
const settingsRoute = createRoute({
  getParentRoute: () => eventRoute,
  path: "/settings",
  component: lazyRouteComponent(() => import("./routes/event-settings"), "EventSettingsPage"),
});
const scanRoute = createRoute({
  getParentRoute: () => memberRoute,
  path: "/events/$event/scan",
  validateSearch: (search: Record<string, unknown>): { list?: string } => {
    const list = text(search.list);
    return list ? { list } : {};
  },
  component: lazyRouteComponent(() => import("./routes/scan"), "ScanPage"),
});

const routeTree = rootRoute.addChildren([
  doorRoute,
  invitationRoute,
  memberRoute.addChildren([
    homeRoute.addChildren([eventsRoute, membersRoute, organisationNewRoute, eventNewRoute, accountRoute]),
    scanRoute,
    eventRoute.addChildren([overviewRoute, ordersRoute, attendeesRoute, ticketsRoute, checkInRoute, settingsRoute]),
  ]),
]);

export function createAppRouter(client: QueryClient) {
  return createRouter({
    routeTree,
    basepath: "/app",
    context: { client },
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} onRetry={reset} />,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
