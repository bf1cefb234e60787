// The shapes of the REST API, written by hand from its contract; the generated types of the OpenAPI document will replace this file.
import type { Money } from "./money";

export type { Money };

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export type Role = "owner" | "manager" | "box_office" | "door" | "viewer";

export interface Membership {
  id: string;
  slug: string;
  name: string;
  role: Role;
}

export interface Me {
  id: string;
  email: string;
  name: string | null;
  locale: string | null;
  organisations: Membership[];
}

export interface SignIn {
  id: string;
  expires_at: string;
  browser_secret: string;
}

export interface Organisation {
  id: string;
  slug: string;
  name: string;
  contact_email: string | null;
  currency: string;
  time_zone: string;
  created_at: string;
  role: Role;
}

export interface OrganisationDraft {
  name: string;
  contact_email?: string;
  currency: string;
  time_zone: string;
}

export interface Member {
  account_id: string;
  email: string;
  name: string | null;
  role: Role;
  created_at: string;
}

export interface Invitation {
  id: string;
  email: string;
  role: Role;
  created_at: string;
  expires_at: string;
}

export type EventStatus = "draft" | "published" | "unlisted" | "cancelled";
export type Category = "music" | "conference" | "meetup" | "workshop" | "sport" | "theatre" | "party" | "other";
export type Attendance = "in_person" | "online" | "hybrid";

export interface Media {
  id: string;
  url: string;
  width: number;
  height: number;
  variants: { width: number; url: string }[];
}

export interface EventBasics {
  title: string;
  summary: string | null;
  description: string | null;
  category: Category;
  hue: number;
  attendance: Attendance;
  venue_name: string | null;
  address: string | null;
  city: string | null;
  country: string | null;
  online_url: string | null;
  zone: string;
  starts_local: string;
  ends_local: string;
}

export interface Event extends EventBasics {
  id: string;
  organisation_id: string;
  slug: string;
  status: EventStatus;
  cover: Media | null;
  currency: string;
  starts_at: string;
  ends_at: string;
  url: string;
  version: number;
  created_at: string;
  updated_at: string;
  published_at: string | null;
  cancelled_at: string | null;
}

export type EventDraft = Pick<EventBasics, "title" | "zone" | "starts_local" | "ends_local" | "attendance"> &
  Partial<{ [K in keyof EventBasics]: NonNullable<EventBasics[K]> }> & { currency?: string };

/** A field set to null is cleared; a field left out stays. */
export type EventPatch = Partial<EventBasics> & { cover_id?: string | null };

export type Pricing = "free" | "paid" | "pay_what_you_want";
export type SaleState = "on_sale" | "not_started" | "ended" | "sold_out" | "not_published";

export interface TicketType {
  id: string;
  name: string;
  description: string;
  pricing: Pricing;
  price: Money;
  sale_starts_at: string | null;
  sale_ends_at: string | null;
  minimum_per_order: number;
  maximum_per_order: number;
  pool_ids: string[];
  available: number;
  sale: SaleState;
  version: number;
}

export interface TicketTypeDraft {
  name: string;
  description?: string;
  pricing: Pricing;
  price: Money;
  capacity?: number;
  sale_starts_at?: string | null;
  sale_ends_at?: string | null;
  minimum_per_order?: number;
  maximum_per_order?: number;
}

export interface Pool {
  id: string;
  name: string;
  capacity: number;
  held: number;
  sold: number;
  available: number;
  version: number;
}

export type OrderState = "draft" | "awaiting_payment" | "paid" | "cancelled" | "expired" | "unfulfilled";

export interface OrderLine {
  name: string;
  quantity: number;
  unit_price: Money;
  amount: Money;
}

export interface OrderTicket {
  id: string;
  code: string;
  holder_name: string;
  type: string;
  state: string;
}

export interface OrderRow {
  id: string;
  code: string;
  state: OrderState;
  buyer_name: string;
  buyer_email: string;
  tickets: number;
  total: Money;
  created_at: string;
  paid_at: string | null;
}

export interface OrderDetail {
  id: string;
  version: number;
  code: string;
  state: OrderState;
  buyer: { name: string; email: string };
  total: Money;
  lines: OrderLine[];
  tickets: OrderTicket[];
  payment: { id: string; state: string; checkout_url: string | null; refunded: Money } | null;
  created_at: string;
  expires_at: string | null;
  paid_at: string | null;
}

export interface Attendee {
  ticket_id?: string;
  code: string;
  holder_name: string | null;
  type: string;
  state: string;
  order_code: string;
  buyer_email?: string;
  checked_in_at?: string | null;
}

export interface ReadinessItem {
  code: string;
  ok: boolean;
  text: string;
  is_required: boolean;
}

export interface Readiness {
  can_publish: boolean;
  can_buy: boolean;
  items: ReadinessItem[];
}

export interface Overview {
  gross: Money;
  tickets_sold: number;
  capacity: number;
  held: number;
  orders: { paid: number; awaiting_payment: number; cancelled: number; expired: number; unfulfilled: number };
  readiness: Readiness;
  sales_by_day: { date: string; tickets: number; amount: Money }[];
}

export interface CheckInList {
  id: string;
  name: string;
  ticket_type_ids: string[];
  admitted?: number;
  total?: number;
}

export interface Device {
  id: string;
  name: string;
  created_at: string;
  last_seen_at: string | null;
  revoked_at?: string | null;
}

export interface NewDevice {
  id: string;
  url: string;
  token: string;
}

export type ScanResult =
  | "admitted"
  | "already_in"
  | "cancelled"
  | "not_paid"
  | "wrong_event"
  | "wrong_list"
  | "unknown_ticket"
  | "forged";

export interface Scan {
  result: ScanResult;
  ticket?: { holder_name: string | null; type: string; code: string; order_code: string } | null;
  admitted_at?: string | null;
  first_scan?: { at: string; device: string | null } | null;
  undo_until?: string | null;
}

export interface DoorStatus {
  event: { id?: string; title: string; starts_at?: string; zone?: string };
  list: { id: string; name: string };
  device: { name: string } | null;
  admitted: number;
  total: number;
  last_10_minutes: number;
}

export interface DoorMatch {
  code: string;
  holder_name: string | null;
  type: string;
  order_code?: string;
  admitted_at?: string | null;
}
