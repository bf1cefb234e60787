//! What a visitor chose on an event's page: read from the form, kept as typed when it comes back.

use std::collections::BTreeMap;

use boxoffice::hold::model::{LINES_A_HOLD_MAX, Wanted, WantedSeats};
use boxoffice::ticket_type::model::Pricing;
use boxoffice::ticket_type::present::PublicTicketTypeView;
use kernel::{Currency, TicketTypeId};

/// The longest number anybody types.
const NUMBER_CHARACTERS_MAX: usize = 20;
/// The longest id of a seat: 80 characters of up to four bytes.
const SEAT_ID_BYTES_MAX: usize = 320;
/// More seats of one type nobody can buy at once.
const SEATS_CHOSEN_MAX: usize = 1_000;

/// What was typed, by ticket type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Choices(BTreeMap<TicketTypeId, Choice>);

/// What was typed for one ticket type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    pub quantity: String,
    pub price: String,
    /// The ids of seats; with these the quantity is their number.
    pub seats: Vec<String>,
}

/// What is wrong with the choice of one ticket type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ChoiceError {
    pub ticket_type: TicketTypeId,
    pub is_price: bool,
    pub message: String,
}

/// The name of a field: `quantity[typ_...]`.
pub(crate) fn field_name(field: &str, ticket_type: TicketTypeId) -> String {
    format!("{field}[{ticket_type}]")
}

impl Choices {
    /// Reads the fields of the form; others are not ours.
    pub(super) fn read(fields: Vec<(String, String)>) -> Self {
        let mut choices = Self::default();
        for (name, value) in fields {
            let Some((field, id)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) else { continue };
            let Ok(id) = id.parse::<TicketTypeId>() else { continue };
            let length_max = if field == "seat" { SEAT_ID_BYTES_MAX } else { NUMBER_CHARACTERS_MAX };
            if value.len() > length_max || choices.0.len() > 2 * LINES_A_HOLD_MAX {
                continue;
            }
            let choice = choices.0.entry(id).or_default();
            match field {
                "quantity" => choice.quantity = value,
                "price" => choice.price = value,
                "seat" if choice.seats.len() < SEATS_CHOSEN_MAX => choice.seats.push(value),
                _ => {}
            }
        }
        choices
    }

    /// Whether seats were chosen by name.
    pub(super) fn have_seats(&self) -> bool {
        self.0.values().any(|choice| !choice.seats.is_empty())
    }

    /// What was typed for a ticket type.
    pub(crate) fn of(&self, ticket_type: TicketTypeId) -> Option<&Choice> {
        self.0.get(&ticket_type)
    }

    /// What the visitor wants, in the organiser's order; types of which none is wanted are left out.
    pub(super) fn wanted(&self, types: &[PublicTicketTypeView]) -> Result<Vec<Wanted>, Vec<ChoiceError>> {
        let (mut wanted, mut errors) = (Vec::new(), Vec::new());
        for kind in types {
            let Some(choice) = self.of(kind.id) else { continue };
            match line(kind, choice) {
                Ok(Some(line)) => wanted.push(line),
                Ok(None) => {}
                Err(error) => errors.push(error),
            }
        }
        if errors.is_empty() { Ok(wanted) } else { Err(errors) }
    }
}

fn line(kind: &PublicTicketTypeView, choice: &Choice) -> Result<Option<Wanted>, ChoiceError> {
    let wrong = |is_price, message| ChoiceError { ticket_type: kind.id, is_price, message };
    let text = choice.quantity.trim();
    let typed = if text.is_empty() { 0 } else { text.parse().unwrap_or(-1) };
    let quantity: i32 =
        if choice.seats.is_empty() { typed } else { i32::try_from(choice.seats.len()).unwrap_or(i32::MAX) };
    if quantity < 0 {
        return Err(wrong(false, format!("Enter how many tickets of “{}” you want.", kind.name)));
    }
    if quantity == 0 {
        return Ok(None);
    }
    let offer = choice.price.trim();
    let unit_price = if kind.pricing != Pricing::PayWhatYouWant || offer.is_empty() {
        None
    } else {
        let least = kind.price;
        let amount = parse_amount(offer, least.currency)
            .ok_or_else(|| wrong(true, format!("Enter your price for “{}” like 12.50.", kind.name)))?;
        if amount < least.amount {
            return Err(wrong(true, format!("“{}” costs {least} or more.", kind.name)));
        }
        Some(amount)
    };
    let seats = if choice.seats.is_empty() { WantedSeats::default() } else { WantedSeats::These(choice.seats.clone()) };
    Ok(Some(Wanted { ticket_type: kind.id, quantity, unit_price, seats }))
}

/// Reads an amount as people type it: `12`, `12.5`, `12,50`, `€ 12.50`. Minor units; never by way of floating point.
pub(super) fn parse_amount(text: &str, currency: Currency) -> Option<i64> {
    let symbol = currency.symbol();
    let text: String =
        text.replace(&symbol, "").replace(currency.code(), "").chars().filter(|c| !c.is_whitespace()).collect();
    let (whole, rest) = text.split_once(['.', ',']).unwrap_or((&text, ""));
    let digits = usize::try_from(currency.exponent()).ok()?;
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(rest) || rest.len() > digits {
        return None;
    }
    format!("{whole}{rest:0<digits$}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_type_them() {
        let read = |text, code| parse_amount(text, Currency::parse(code).unwrap());
        for (text, amount) in [
            ("12", 1_200),
            ("12.5", 1_250),
            ("12,50", 1_250),
            (" € 12.50 ", 1_250),
            ("EUR 0.05", 5),
            ("12.", 1_200),
            ("0", 0),
        ] {
            assert_eq!(read(text, "EUR"), Some(amount), "{text}");
        }
        for text in ["", "abc", "-1", "1.234", "1,234.00", "1e3", ".5", "99999999999999999999"] {
            assert_eq!(read(text, "EUR"), None, "{text}");
        }
        assert_eq!((read("1250", "JPY"), read("12.5", "JPY"), read("1.250", "KWD")), (Some(1_250), None, Some(1_250)));
    }

    #[test]
    fn fields_of_other_forms_are_left_alone() {
        let id = TicketTypeId::from(uuid());
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let fields = vec![
            field(&field_name("quantity", id), "2"),
            field(&field_name("price", id), "5"),
            field("quantity[x]", "1"),
            field("q", "1"),
            field(&field_name("seat", id), "A-1-1"),
            field(&field_name("seat", id), "A-1-2"),
            field(&field_name("seat", id), &"x".repeat(321)),
            field("quantity]", "1"),
        ];
        let choices = Choices::read(fields);
        assert_eq!(
            choices.of(id),
            Some(&Choice {
                quantity: "2".to_owned(),
                price: "5".to_owned(),
                seats: vec!["A-1-1".to_owned(), "A-1-2".to_owned()],
            })
        );
        assert_eq!(choices.0.len(), 1);
    }

    fn uuid() -> uuid::Uuid {
        uuid::Uuid::from_u128(7)
    }
}
