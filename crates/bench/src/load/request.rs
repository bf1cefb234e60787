//! Requests that are written once and only numbered when they are sent.

/// Digits of an operation's number, so that every request of a template has the same length.
const DIGITS: usize = 12;

/// A whole request with one gap for the operation's number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    before: Vec<u8>,
    after: Option<Vec<u8>>,
}

/// Where requests go and who sends them.
#[derive(Debug, Clone)]
pub struct Sender<'a> {
    /// The `Host`.
    pub host: &'a str,
    /// A bearer token, if any.
    pub token: Option<&'a str>,
}

impl Sender<'_> {
    /// `GET` of a path.
    pub fn get(&self, path: &str, accept_encoding: Option<&str>) -> Template {
        let encoding = accept_encoding.map(|value| format!("Accept-Encoding: {value}\r\n")).unwrap_or_default();
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{encoding}\r\n", self.host);
        Template { before: head.into_bytes(), after: None }
    }

    /// `POST` of a JSON body with the number between its two parts.
    pub fn post(&self, path: &str, body_before: &str, body_after: &str) -> Template {
        let mut before = Vec::new();
        self.head_of_post(path, body_before.len() + DIGITS + body_after.len(), &mut before);
        before.extend(body_before.as_bytes());
        Template { before, after: Some(body_after.as_bytes().to_vec()) }
    }

    /// `POST` of a JSON body that is the same for every operation.
    pub fn post_unnumbered(&self, path: &str, body: &str) -> Template {
        let mut before = Vec::new();
        self.head_of_post(path, body.len(), &mut before);
        before.extend(body.as_bytes());
        Template { before, after: None }
    }

    /// The head of a `POST` of a JSON body of so many bytes.
    pub fn head_of_post(&self, path: &str, length: usize, into: &mut Vec<u8>) {
        let token = self.token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\n{token}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n",
            self.host
        );
        into.extend(head.as_bytes());
    }
}

impl Template {
    /// Writes the request of an operation.
    pub fn write(&self, number: u64, into: &mut Vec<u8>) {
        into.extend(&self.before);
        if let Some(after) = &self.after {
            write_number(number, into);
            into.extend(after);
        }
    }
}

/// Writes a number with all its digits.
pub fn write_number(number: u64, into: &mut Vec<u8>) {
    let mut digits = [b'0'; DIGITS];
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    into.extend(digits);
}

/// The buyer of an operation, as JSON with a gap: what stands before the number, and after it.
pub const BUYER: (&str, &str) = (r#""buyer":{"name":"Ada Buyer","email":"buyer"#, r#"@example.org"}"#);

/// Bytes of a buyer with its number.
pub const BUYER_BYTES: usize = BUYER.0.len() + DIGITS + BUYER.1.len();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_is_that_of_the_body_whatever_the_number() {
        let sender = Sender { host: "127.0.0.1:3000", token: None };
        let template = sender.post("/api/v1/x", r#"{"email":"b"#, r#"@example.org"}"#);
        for number in [0, 7, 999_999_999_999] {
            let mut request = Vec::new();
            template.write(number, &mut request);
            let text = String::from_utf8(request).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.ends_with(&format!("Content-Length: {}", body.len())), "{head}");
            assert_eq!(body, format!(r#"{{"email":"b{number:012}@example.org"}}"#));
        }
    }

    #[test]
    fn a_page_is_asked_for_as_a_browser_does() {
        let sender = Sender { host: "h", token: None };
        let mut request = Vec::new();
        sender.get("/e/jazz", Some("br")).write(5, &mut request);
        assert_eq!(request, b"GET /e/jazz HTTP/1.1\r\nHost: h\r\nAccept-Encoding: br\r\n\r\n");
    }

    #[test]
    fn buyers_are_as_long_as_they_say() {
        let mut buyer = BUYER.0.as_bytes().to_vec();
        write_number(3, &mut buyer);
        buyer.extend(BUYER.1.as_bytes());
        assert_eq!(buyer.len(), BUYER_BYTES);
    }
}
