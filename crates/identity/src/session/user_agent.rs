//! The name that a client gives itself, shown in the list of a person's sessions.

use http::HeaderMap;
use http::header::USER_AGENT;

const USER_AGENT_CHARACTERS_MAX: usize = 200;

/// What the client says it is, cut to a length and to printable characters.
pub fn user_agent(headers: &HeaderMap) -> String {
    let text = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.chars().filter(|c| !c.is_control()).take(USER_AGENT_CHARACTERS_MAX).collect()
}
