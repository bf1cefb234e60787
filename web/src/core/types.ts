// The shapes of the REST API under the app's own words. What they are made of is generated: see codegen/.
import type { components } from "./api-types";

type Schemas = components["schemas"];

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export type Me = Schemas["MeView"];
export type MePatch = Schemas["MePatch"];
export type Session = Schemas["SessionView"];
export type Membership = Schemas["Membership"];
export type Role = Schemas["Role"];
export type Organisation = Schemas["OrganisationView"];
export type OrganisationDraft = Schemas["NewOrganisation"];
export type Member = Schemas["MemberView"];
export type Invitation = Schemas["InvitationView"];

export type Event = Schemas["EventView"];
export type EventSummary = Schemas["EventSummaryView"];
export type EventDraft = Schemas["NewEvent"];
/** A text set to null is cleared; a field left out stays. */
export type EventPatch = Schemas["EventPatch"];
export type EventStatus = Schemas["EventStatus"];
export type Category = Schemas["Category"];
export type Attendance = Schemas["Attendance"];
export type Media = Schemas["PictureView"];

export type TicketType = Schemas["TicketTypeView"];
export type TicketTypeDraft = Schemas["NewTicketType"];
export type TicketTypePatch = Schemas["TicketTypeEdit"];
export type Pricing = Schemas["Pricing"];
export type SaleState = Schemas["SaleState"];
export type Pool = Schemas["PoolView"];
export type PoolPatch = Schemas["PoolEdit"];

/** The document calls the states of orders plain text; these are the ones it lists. */
export type OrderState = "awaiting_payment" | "paid" | "cancelled" | "expired" | "unfulfilled";
export type OrderRow = Omit<Schemas["OrderRowView"], "state"> & { state: OrderState };
export type OrderDetail = Omit<Schemas["OrganiserOrderView"], "state"> & { state: OrderState };
export type CancelRequest = Schemas["CancelRequest"];
export type Attendee = Schemas["AttendeeView"];

export type Overview = Schemas["Overview"];
export type Readiness = Schemas["Readiness"];
export type ReadinessItem = Schemas["ReadinessItem"];
export type PublishRequest = Schemas["PublishRequest"];

export type CheckInList = Schemas["CheckInListView"];
export type CheckInListDraft = Schemas["NewCheckInList"];
export type Device = Schemas["DeviceView"];
export type NewDevice = Schemas["AddedDeviceView"];

export type NewScan = Schemas["NewScan"];
/** No answer to a scan is "undone"; that stands only in the log. */
export type ScanResult = Exclude<Schemas["ScanResult"], "undone">;
export type Scan = Omit<Schemas["ScanView"], "result"> & { result: ScanResult };
export type DoorStatus = Schemas["DoorStatus"];
export type DoorMatch = Schemas["FoundTicketView"];
