//! What a buyer types: kept as it was typed, read into an order when everything is right.

use boxoffice::order::model::Buyer;
use kernel::{AccountId, Email, PersonName};

/// Names of attendees that a page asks for at most; further tickets carry the buyer's name.
pub(super) const ATTENDEE_FIELDS_MAX: usize = 50;
/// The longest text that is kept to show it again.
const TYPED_CHARACTERS_MAX: usize = 300;

/// The form as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Details {
    pub name: String,
    pub email: String,
    /// In the order of the tickets; blank for the buyer's own name.
    pub attendees: Vec<String>,
}

/// What is wrong, each with the id of its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DetailError {
    pub field: String,
    pub message: &'static str,
}

/// A form without faults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checked {
    pub buyer: Buyer,
    pub attendees: Vec<String>,
}

/// The id and name of the field of one ticket's holder, counted from one.
pub(super) fn attendee_field(number: usize) -> String {
    format!("attendee-{number}")
}

impl Details {
    /// Reads the fields of the form; others are not ours.
    pub(super) fn read(fields: Vec<(String, String)>) -> Self {
        let mut details = Self::default();
        for (name, value) in fields {
            let value: String = value.chars().take(TYPED_CHARACTERS_MAX).collect();
            match name.as_str() {
                "name" => details.name = value,
                "email" => details.email = value,
                other => details.read_attendee(other, value),
            }
        }
        details
    }

    fn read_attendee(&mut self, name: &str, value: String) {
        let number = name.strip_prefix("attendee-").and_then(|number| number.parse::<usize>().ok());
        let Some(at) = number.and_then(|number| number.checked_sub(1)).filter(|at| *at < ATTENDEE_FIELDS_MAX) else {
            return;
        };
        if self.attendees.len() <= at {
            self.attendees.resize(at + 1, String::new());
        }
        if let Some(place) = self.attendees.get_mut(at) {
            *place = value;
        }
    }

    /// Everything that is wrong, told at once, or who buys and who comes.
    pub(super) fn check(&self, tickets: usize, account: Option<AccountId>) -> Result<Checked, Vec<DetailError>> {
        let mut errors = Vec::new();
        let mut wrong = |field: &str, message| errors.push(DetailError { field: field.to_owned(), message });
        let name =
            PersonName::parse(&self.name).map_err(|_| wrong("name", "Enter your name, at most 120 characters.")).ok();
        let email = Email::parse(&self.email)
            .map_err(|_| wrong("email", "Enter an e-mail address like name@example.org."))
            .ok();
        let mut attendees = Vec::new();
        for (at, typed) in self.attendees.iter().take(tickets).enumerate() {
            match PersonName::parse(typed) {
                Ok(name) => attendees.push(name.to_string()),
                Err(_) if typed.trim().is_empty() => attendees.push(String::new()),
                Err(_) => wrong(&attendee_field(at + 1), "Enter a name of at most 120 characters."),
            }
        }
        while attendees.last().is_some_and(String::is_empty) {
            attendees.pop();
        }
        match (name, email) {
            (Some(name), Some(email)) if errors.is_empty() => {
                Ok(Checked { buyer: Buyer { name, email, account }, attendees })
            }
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn details(fields: &[(&str, &str)]) -> Details {
        Details::read(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn blank_names_are_left_to_the_buyer() {
        let typed = details(&[
            ("name", "Ada"),
            ("email", "ada@example.org"),
            ("attendee-2", " Bo "),
            ("attendee-3", " "),
            ("attendee-0", "x"),
            ("attendee-999", "x"),
        ]);
        let checked = typed.check(3, None).unwrap();
        assert_eq!(checked.attendees, ["", "Bo"]);
        assert_eq!(typed.check(1, None).unwrap().attendees, Vec::<String>::new(), "a name without a ticket is none");
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let typed = details(&[("name", " "), ("email", "ada"), ("attendee-1", &"x".repeat(200))]);
        let fields: Vec<String> = typed.check(1, None).unwrap_err().into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["name", "email", "attendee-1"]);
    }
}
