//! Addresses of this site, with what people typed made safe to stand in them.

use std::fmt::Write as _;

/// Makes text safe as the value of a query parameter or as one part of a path (RFC 3986, section 2.3).
pub(crate) fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            // Writing into a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// A path with the parameters that have a value: `/discover?q=jazz&city=Rotterdam`.
pub(crate) fn with_query(path: &str, parameters: &[(&str, &str)]) -> String {
    let given: Vec<String> = parameters
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    if given.is_empty() { path.to_owned() } else { format!("{path}?{}", given.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_typed_cannot_leave_its_parameter() {
        let address = with_query("/discover", &[("q", "jazz & <b>"), ("city", ""), ("from", "2027-03-12")]);
        assert_eq!(address, "/discover?q=jazz%20%26%20%3Cb%3E&from=2027-03-12");
        assert_eq!(with_query("/discover", &[("q", "")]), "/discover");
        assert_eq!(encode("東"), "%E6%9D%B1");
    }
}
