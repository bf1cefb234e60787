//! Addresses that organisers give for attendees to follow.

/// The longest address that is kept.
pub const LINK_CHARACTERS_MAX: usize = 2_000;

/// An absolute `http` or `https` address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebLink(String);

/// A text that nobody could follow in a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Enter a full web address that begins with https:// or http://.")]
pub struct NotALink;

impl WebLink {
    /// Accepts an address with blanks around it removed. Other schemes (`javascript:`, `data:`) never become links.
    pub fn parse(text: &str) -> Result<Self, NotALink> {
        let text = text.trim();
        let is_plain = text.len() <= LINK_CHARACTERS_MAX
            && text.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\'));
        let uri: http::Uri = if is_plain { text.parse().map_err(|_| NotALink)? } else { return Err(NotALink) };
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        let has_host = uri.host().is_some_and(|host| !host.is_empty());
        if is_web && has_host { Ok(Self(text.to_owned())) } else { Err(NotALink) }
    }

    /// The address.
    pub fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_become_links() {
        for good in ["https://meet.example.org/r?x=1#top", " http://example.org ", "https://example.org:8443/a"] {
            assert!(WebLink::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "example.org",
            "/room",
            "javascript:alert(1)",
            "data:text/html,x",
            "ftp://example.org",
            "https://",
            "https://a b",
            "https://exa\"mple.org",
            "mailto:ada@example.org",
        ] {
            assert_eq!(WebLink::parse(bad), Err(NotALink), "{bad}");
        }
        assert_eq!(WebLink::parse(&format!("https://example.org/{}", "a".repeat(LINK_CHARACTERS_MAX))), Err(NotALink));
    }
}
