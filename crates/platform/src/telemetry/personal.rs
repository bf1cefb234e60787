//! Which log fields may hold personal data or secrets, told by their name: the second wall behind [`super::Redacted`].

/// Last words of field names whose value is never written.
const PERSONAL: [&str; 30] = [
    "address",
    "attendee",
    "authorization",
    "body",
    "buyer",
    "code",
    "cookie",
    "cookies",
    "csrf",
    "dsn",
    "email",
    "holder",
    "ip",
    "key",
    "mail",
    "name",
    "password",
    "path",
    "payload",
    "peer",
    "phone",
    "query",
    "recipient",
    "referer",
    "secret",
    "session",
    "to",
    "token",
    "uri",
    "url",
];

/// Whole names that end like a personal one and are none. A new one needs the reason why nobody's data can be in it.
const HARMLESS: [&str; 12] = [
    // numbers and words of our own code
    "error_code",
    "exit_code",
    "refusal_code",
    "status_code",
    "file_name",
    "job_name",
    "operation_name",
    "task_name",
    "thread_name",
    // settings of the operator
    "config_path",
    "log_path",
    "public_url",
];

/// True when the value of a field of this name is replaced by `[redacted]`.
#[must_use]
pub fn is_personal(field: &str) -> bool {
    let field = field.strip_prefix("r#").unwrap_or(field);
    let last = field.rsplit(['_', '.', '-']).next().unwrap_or(field);
    let is_listed = |word: &str| PERSONAL.iter().any(|personal| personal.eq_ignore_ascii_case(word));
    let is_two_words = field.ends_with("e_mail") || field.ends_with("user_agent");
    (is_listed(last) || is_two_words) && !HARMLESS.contains(&field)
}
