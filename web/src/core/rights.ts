// What a role may do; the server decides, this only hides what it would refuse.
import type { Role } from "./types";

export type Right = "edit_events" | "view_orders" | "manage_orders" | "check_in" | "manage_members";

const RIGHTS: Record<Role, readonly Right[]> = {
  owner: ["edit_events", "view_orders", "manage_orders", "check_in", "manage_members"],
  manager: ["edit_events", "view_orders", "manage_orders", "check_in", "manage_members"],
  box_office: ["view_orders", "manage_orders", "check_in"],
  door: ["check_in"],
  viewer: ["view_orders"],
};

export function may(role: Role, right: Right): boolean {
  return RIGHTS[role].includes(right);
}

export const ROLES: readonly { value: Role; name: string; note: string }[] = [
  { value: "owner", name: "Owner", note: "Everything, including API keys and other owners" },
  { value: "manager", name: "Manager", note: "Events, orders, people" },
  { value: "box_office", name: "Box office", note: "Orders and check-in" },
  { value: "door", name: "Door", note: "Check-in only" },
  { value: "viewer", name: "Viewer", note: "Sees events and orders" },
];
