import { Outlet } from "@tanstack/react-router";
import { CalendarDays, Users } from "lucide-react";
import { AccountMenu } from "../features/account-menu";
import { OrganisationSwitcher } from "../features/organisation-switcher";
import { useOrganisation } from "../features/session";
import { Shell } from "../ui/shell";
import { OrganisationNewPage } from "./organisation-new";

export function HomeShell() {
  const organisation = useOrganisation();
  const entries = organisation
    ? [
        { label: "Events", icon: CalendarDays, link: { to: "/" as const } },
        { label: "Team", icon: Users, link: { to: "/members" as const } },
      ]
    : [];
  return (
    <Shell head={<OrganisationSwitcher />} entries={entries} foot={<AccountMenu />}>
      {organisation ? <Outlet /> : <OrganisationNewPage />}
    </Shell>
  );
}
