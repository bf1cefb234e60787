import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ListChecks, X } from "lucide-react";
import { useMemo } from "react";
import { memberDoor } from "~/core/door";
import { eventPath, type FoundEvent, listsQuery } from "../features/queries";
import { Scanner } from "../features/scanner/scanner";
import { useEventQuery } from "../features/use-event-query";
import { useTitle } from "../features/use-title";
import { Empty, ErrorState, Loaded } from "../ui/states";

const route = getRouteApi("/member/events/$event/scan");

function MemberScanner({ found }: { found: FoundEvent }) {
  const { list } = route.useSearch();
  const navigate = route.useNavigate();
  const { id: event, title, zone } = found.event;
  const organisation = found.organisation.id;
  const lists = useQuery(listsQuery(eventPath(organisation, event)));
  const listId = list ?? lists.data?.[0]?.id ?? null;
  const door = useMemo(() => listId && memberDoor(organisation, listId), [organisation, listId]);
  const close = (
    <Link
      to="/events/$event/check-in"
      params={{ event }}
      className="btn btn-ghost btn-icon btn-sm"
      aria-label="Stop scanning"
    >
      <X aria-hidden="true" />
    </Link>
  );
  return (
    <Loaded query={lists}>
      {(all) => {
        if (!door || !listId) {
          return (
            <Empty
              icon={ListChecks}
              title="No check-in list yet"
              action={
                <Link to="/events/$event/check-in" params={{ event }} className="btn btn-primary">
                  Add a list
                </Link>
              }
            />
          );
        }
        return (
          <>
            {all.length > 1 ? (
              <div className="scanner pb-0">
                <select
                  className="input"
                  aria-label="Check-in list"
                  value={listId}
                  onChange={(change) => void navigate({ search: { list: change.target.value }, replace: true })}
                >
                  {all.map((one) => (
                    <option key={one.id} value={one.id}>
                      {one.name}
                    </option>
                  ))}
                </select>
              </div>
            ) : null}
            <Scanner
              key={listId}
              door={door}
              title={title}
              zone={zone}
              aside={close}
              onRefused={(status) => (
                <ErrorState error={new Error(`The door answered ${status}. Your role may not allow scanning.`)} />
              )}
            />
          </>
        );
      }}
    </Loaded>
  );
}

export function ScanPage() {
  useTitle("Scan");
  const { event: id } = route.useParams();
  const query = useEventQuery(id);
  return <Loaded query={query}>{(found) => <MemberScanner found={found} />}</Loaded>;
}
