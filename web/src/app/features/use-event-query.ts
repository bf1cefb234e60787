import { useQuery } from "@tanstack/react-query";
import { eventQuery } from "./queries";
import { meQuery, useOrganisation } from "./session";

/** The event of the path; the chosen organisation is asked first. */
export function useEventQuery(id: string) {
  const organisations = useQuery(meQuery).data?.organisations ?? [];
  const chosen = useOrganisation();
  const order = [...organisations].sort((a, b) => Number(b.id === chosen?.id) - Number(a.id === chosen?.id));
  return useQuery({ ...eventQuery(order, id), enabled: order.length > 0 });
}
