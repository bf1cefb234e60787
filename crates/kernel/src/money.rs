//! Money: whole minor units of one currency. No floats, no lost cents.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An ISO 4217 currency that Turnout sells in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(iso_currency::Currency);

/// A text that is no currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a currency; use a three-letter code such as EUR")]
pub struct NotACurrency;

impl Currency {
    /// Accepts a three-letter code in capitals whose minor unit is known.
    pub fn parse(text: &str) -> Result<Self, NotACurrency> {
        let currency = iso_currency::Currency::from_code(text).ok_or(NotACurrency)?;
        currency.exponent().ok_or(NotACurrency)?;
        Ok(Self(currency))
    }
    /// The three-letter code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }
    /// Digits behind the decimal point: 0 for JPY, 2 for EUR, 3 for KWD.
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }
    /// The sign people write: `€`, `US$`.
    pub fn symbol(self) -> String {
        let symbol = self.0.symbol().to_string();
        if symbol.is_empty() { self.code().to_owned() } else { symbol }
    }
}

impl FromStr for Currency {
    type Err = NotACurrency;
    fn from_str(text: &str) -> Result<Self, NotACurrency> {
        Self::parse(text)
    }
}
impl TryFrom<String> for Currency {
    type Error = NotACurrency;
    fn try_from(text: String) -> Result<Self, NotACurrency> {
        Self::parse(&text)
    }
}
impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}
impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl utoipa::PartialSchema for Currency {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^[A-Z]{3}$"))
            .description(Some("ISO 4217 code"))
            .into()
    }
}
impl utoipa::ToSchema for Currency {}

/// An amount of money in minor units (cents) of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units: 1250 is 12.50 EUR and 1250 JPY.
    pub amount: i64,
    /// ISO 4217 code.
    pub currency: Currency,
}

/// A sum that does not exist: the currencies differ, or it is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these amounts cannot be added")]
pub struct CannotAdd;

impl Money {
    /// So many minor units.
    pub fn new(amount: i64, currency: Currency) -> Self {
        Self { amount, currency }
    }
    /// Nothing.
    pub fn zero(currency: Currency) -> Self {
        Self { amount: 0, currency }
    }
    /// The sum of two amounts of one currency.
    pub fn plus(self, other: Self) -> Result<Self, CannotAdd> {
        if self.currency != other.currency {
            return Err(CannotAdd);
        }
        let amount = self.amount.checked_add(other.amount).ok_or(CannotAdd)?;
        Ok(Self { amount, ..self })
    }
    /// So many times the amount.
    pub fn times(self, count: u32) -> Result<Self, CannotAdd> {
        let amount = self.amount.checked_mul(i64::from(count)).ok_or(CannotAdd)?;
        Ok(Self { amount, ..self })
    }
    /// Whether there is nothing to pay.
    pub fn is_zero(self) -> bool {
        self.amount == 0
    }

    /// Splits the amount by weights with largest remainders: the parts always add up to the whole. No weights, no parts.
    pub fn split(self, weights: &[u64]) -> Vec<Self> {
        let sum: u128 = weights.iter().copied().map(u128::from).sum();
        if sum == 0 {
            return even(self, weights.len());
        }
        let whole = u128::from(self.amount.unsigned_abs());
        let mut parts: Vec<(u128, u128)> =
            weights.iter().map(|&w| (whole * u128::from(w) / sum, whole * u128::from(w) % sum)).collect();
        let given: u128 = parts.iter().map(|&(part, _)| part).sum();
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|&at| std::cmp::Reverse(parts.get(at).map_or(0, |&(_, rest)| rest)));
        let missing = usize::try_from(whole - given).unwrap_or(0);
        for at in order.into_iter().take(missing) {
            if let Some(part) = parts.get_mut(at) {
                part.0 += 1;
            }
        }
        let sign = self.amount.signum();
        parts
            .into_iter()
            .map(|(part, _)| Self { amount: sign * i64::try_from(part).unwrap_or(i64::MAX), ..self })
            .collect()
    }
}

fn even(money: Money, parts: usize) -> Vec<Money> {
    if parts == 0 { Vec::new() } else { money.split(&vec![1; parts]) }
}

/// Plain text in English: `€12.50`, `JPY 1,250`; pages that know the reader's language format it themselves.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = self.currency.exponent();
        let unit = 10_u64.pow(exponent);
        let amount = self.amount.unsigned_abs();
        let (whole, rest) = (amount / unit, amount % unit);
        let mut digits = whole.to_string();
        let mut at = digits.len();
        while at > 3 {
            at -= 3;
            digits.insert(at, ',');
        }
        let sign = if self.amount < 0 { "−" } else { "" };
        let symbol = match self.currency.code() {
            "EUR" => "€".to_owned(),
            "USD" => "$".to_owned(),
            "GBP" => "£".to_owned(),
            code => format!("{code}\u{a0}"),
        };
        match usize::try_from(exponent) {
            Ok(width) if width > 0 => write!(f, "{sign}{symbol}{digits}.{rest:0width$}"),
            _ => write!(f, "{sign}{symbol}{digits}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn money(amount: i64, code: &str) -> Money {
        Money::new(amount, Currency::parse(code).unwrap())
    }

    #[test]
    fn amounts_are_written_with_the_digits_of_their_currency() {
        assert_eq!(money(1_250, "EUR").to_string(), "€12.50");
        assert_eq!(money(123_456_789, "USD").to_string(), "$1,234,567.89");
        assert_eq!(money(1_250, "JPY").to_string(), "JPY\u{a0}1,250");
        assert_eq!(money(1_250, "KWD").to_string(), "KWD\u{a0}1.250");
        assert_eq!(money(-5, "GBP").to_string(), "−£0.05");
    }

    #[test]
    fn sums_refuse_other_currencies_and_overflow() {
        assert_eq!(money(1, "EUR").plus(money(1, "USD")), Err(CannotAdd));
        assert_eq!(money(i64::MAX, "EUR").plus(money(1, "EUR")), Err(CannotAdd));
        assert_eq!(money(i64::MAX, "EUR").times(2), Err(CannotAdd));
        assert!(Currency::parse("eur").is_err() && Currency::parse("XXX").is_err());
    }

    proptest! {
        #[test]
        fn a_split_never_loses_a_cent(amount in -1_000_000_000_i64..1_000_000_000, weights in proptest::collection::vec(0_u64..1_000, 1..40)) {
            let parts = money(amount, "EUR").split(&weights);
            prop_assert_eq!(parts.len(), weights.len());
            prop_assert_eq!(parts.iter().map(|part| part.amount).sum::<i64>(), amount);
            let sum: u64 = weights.iter().sum();
            if sum > 0 {
                for (part, weight) in parts.iter().zip(&weights) {
                    let exact = i128::from(amount) * i128::from(*weight);
                    let off = (i128::from(part.amount) * i128::from(sum) - exact).abs();
                    prop_assert!(off < i128::from(sum), "each part is within one minor unit of its share");
                }
            }
        }
    }
}
