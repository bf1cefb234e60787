import { parseMoney, toDecimal } from "~/core/money";
import { Problem } from "~/core/problem";
import type { Pricing, TicketType, TicketTypeDraft } from "~/core/types";

/** What a person typed about a ticket type, before it is read. */
export interface TicketInput {
  name: string;
  description: string;
  pricing: Pricing;
  price: string;
  capacity: string;
  minimum: string;
  maximum: string;
  /** Empty: no limit. */
  perPerson: string;
  sold: "alone" | "with_ticket";
}

export const FIRST_TICKET: TicketInput = {
  name: "General admission",
  description: "",
  pricing: "paid",
  price: "",
  capacity: "100",
  minimum: "1",
  maximum: "10",
  perPerson: "",
  sold: "alone",
};

export const TICKET_FIELDS = [
  "name",
  "description",
  "price",
  "price.amount",
  "capacity",
  "minimum_per_order",
  "maximum_per_order",
  "maximum_per_person",
];

export function ticketInputOf(type: TicketType): TicketInput {
  return {
    name: type.name,
    description: type.description,
    pricing: type.pricing,
    price: toDecimal(type.price),
    capacity: "",
    minimum: String(type.minimum_per_order),
    maximum: String(type.maximum_per_order),
    perPerson: String(type.maximum_per_person ?? ""),
    sold: type.is_addon ? "with_ticket" : "alone",
  };
}

const refuse = (field: string, message: string) => new Problem(422, "invalid", message, [{ field, message }]);
const whole = (text: string) => (/^\d+$/.test(text.trim()) ? Number(text.trim()) : Number.NaN);

/** Reads the input; a Problem names the field that cannot be read. The server checks everything again. */
export function readTicket(input: TicketInput, currency: string, isNew: boolean): TicketTypeDraft | Problem {
  const price = input.pricing === "free" ? { amount: 0, currency } : parseMoney(input.price || "", currency);
  if (!price) return refuse("price", "Enter a price such as 22.50.");
  if (input.pricing === "paid" && price.amount === 0)
    return refuse("price", "A paid ticket costs something; choose Free instead.");
  const capacity = whole(input.capacity);
  if (isNew && !(capacity >= 1)) return refuse("capacity", "Enter how many tickets there are.");
  const minimum = whole(input.minimum);
  const maximum = whole(input.maximum);
  if (!(minimum >= 1)) return refuse("minimum_per_order", "At least 1.");
  if (!(maximum >= minimum)) return refuse("maximum_per_order", "Not less than the minimum.");
  const perPerson = input.perPerson.trim() === "" ? null : whole(input.perPerson);
  if (perPerson !== null && !(perPerson >= 1))
    return refuse("maximum_per_person", "At least 1, or empty for no limit.");
  return {
    name: input.name.trim(),
    ...((input.description || !isNew) && { description: input.description.trim() }),
    pricing: input.pricing,
    price,
    ...(isNew && { capacity }),
    minimum_per_order: minimum,
    maximum_per_order: maximum,
    maximum_per_person: perPerson,
    is_addon: input.sold === "with_ticket",
  };
}
