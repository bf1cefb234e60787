import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Building2, ChevronsUpDown, Plus } from "lucide-react";
import { Menu } from "../ui/menu";
import { chooseOrganisation, meQuery, useOrganisation } from "./session";

export function OrganisationSwitcher() {
  const navigate = useNavigate();
  const current = useOrganisation();
  const organisations = useQuery(meQuery).data?.organisations ?? [];
  const pick = (id: string) => {
    chooseOrganisation(id);
    void navigate({ to: "/" });
  };
  return (
    <Menu
      trigger={
        <button type="button" className="nav-item w-full min-w-0">
          <span className="avatar" aria-hidden="true">
            {(current?.name ?? "T").slice(0, 1).toUpperCase()}
          </span>
          <span className="grow truncate strong text-ink">{current?.name ?? "Turnout"}</span>
          <ChevronsUpDown aria-label="Switch organisation" />
        </button>
      }
      entries={[
        ...organisations.map((one) => ({
          key: one.id,
          label: one.name,
          icon: <Building2 aria-hidden="true" />,
          onSelect: () => pick(one.id),
        })),
        {
          key: "new",
          label: "New organisation",
          icon: <Plus aria-hidden="true" />,
          onSelect: () => void navigate({ to: "/organisations/new" }),
        },
      ]}
    />
  );
}
