//! A message as a mail server takes it: MIME with both versions and the files.

use jiff::Timestamp;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart};
use lettre::{Address, Message as Mail};
use platform::vault::sha256;

use super::model::Message;
use crate::template::one_line;

/// A file with its content.
pub struct File {
    /// The name the reader sees.
    pub filename: String,
    /// Its media type.
    pub content_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Why a message cannot become a mail: an address or a media type that no mail server would take.
#[derive(Debug, thiserror::Error)]
#[error("the mail cannot be composed: {0}")]
pub struct CannotCompose(String);

fn failed(error: impl std::fmt::Display) -> CannotCompose {
    CannotCompose(error.to_string())
}

/// The `Message-ID`: the same for the same dedupe key, so that mailboxes recognise a letter that was handed over twice.
pub fn message_id(dedupe_key: &str, public_url: &str) -> String {
    let hash: String = sha256(dedupe_key.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("<{hash}@{}>", host_of(public_url))
}

/// The host of an address, without its port.
pub(crate) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    if authority.starts_with('[') { authority } else { authority.split(':').next().unwrap_or(authority) }
}

/// Composes a mail. No text of a message can add a header: what goes into one has no line breaks left.
pub fn compose(message: &Message, from: &Mailbox, public_url: &str, files: Vec<File>) -> Result<Mail, CannotCompose> {
    let to: Address = message.recipient.parse().map_err(failed)?;
    let letter = MultiPart::alternative_plain_html(message.text.clone(), message.html.clone());
    let body = if files.is_empty() {
        letter
    } else {
        files.into_iter().try_fold(MultiPart::mixed().multipart(letter), |body, file| {
            let content_type = ContentType::parse(&file.content_type).map_err(failed)?;
            Ok(body.singlepart(Attachment::new(plain_filename(&file.filename)).body(file.bytes, content_type)))
        })?
    };
    let mut mail = Mail::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .subject(one_line(&message.subject))
        .message_id(Some(message_id(&message.dedupe_key, public_url)))
        .date(system_time(message.created_at))
        .multipart(body)
        .map_err(failed)?;
    // RFC 3834: no out-of-office answers to machines.
    mail.headers_mut()
        .insert_raw(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    Ok(mail)
}

fn system_time(at: Timestamp) -> std::time::SystemTime {
    std::time::SystemTime::from(at)
}

/// A file name without what has a meaning in headers or paths.
fn plain_filename(name: &str) -> String {
    one_line(name)
        .chars()
        .map(|character| if matches!(character, '"' | '\\' | '/') { '_' } else { character })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::model::MessageState;
    use kernel::MessageId;
    use uuid::Uuid;

    fn message() -> Message {
        Message {
            id: MessageId::from(Uuid::from_u128(1)),
            organisation: None,
            dedupe_key: "tickets:ord_1".to_owned(),
            template: "tickets".to_owned(),
            recipient: "ada@example.org".to_owned(),
            subject: "Your tickets for Zoë's 東京 night".to_owned(),
            html: "<p>Hi</p>".to_owned(),
            text: "Hi\n".to_owned(),
            attachments: Vec::new(),
            state: MessageState::Queued,
            created_at: Timestamp::from_second(1_800_000_000).unwrap(),
        }
    }

    fn from() -> Mailbox {
        "Turnout <tickets@example.org>".parse().unwrap()
    }

    fn written(message: &Message, files: Vec<File>) -> String {
        String::from_utf8(compose(message, &from(), "https://tickets.example.org:8443/x", files).unwrap().formatted())
            .unwrap()
    }

    fn header_names(mail: &str) -> Vec<String> {
        let head = mail.split("\r\n\r\n").next().unwrap();
        head.split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split(':').next().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn a_mail_has_both_versions_and_its_files() {
        let file = |filename: &str, content_type: &str| File {
            filename: filename.to_owned(),
            content_type: content_type.to_owned(),
            bytes: b"x".to_vec(),
        };
        let mail = written(
            &message(),
            vec![
                file("tickets.pdf", "application/pdf"),
                file("event.ics", "text/calendar; charset=utf-8; method=PUBLISH"),
            ],
        );
        for part in [
            "multipart/mixed",
            "multipart/alternative",
            "text/plain; charset=utf-8",
            "text/html; charset=utf-8",
            "application/pdf",
            "text/calendar",
            "filename=\"tickets.pdf\"",
            "Auto-Submitted: auto-generated",
            "Date: Fri, 15 Jan 2027 08:00:00 +0000",
        ] {
            assert!(mail.contains(part), "{part} is missing in {mail}");
        }
    }

    #[test]
    fn the_same_message_has_the_same_message_id() {
        let again = Message { id: MessageId::from(Uuid::from_u128(2)), ..message() };
        let other = Message { dedupe_key: "tickets:ord_2".to_owned(), ..message() };
        let id = |mail: &str| mail.lines().find(|line| line.starts_with("Message-ID:")).map(str::to_owned).unwrap();
        assert_eq!(id(&written(&message(), vec![])), id(&written(&again, vec![])));
        assert_ne!(id(&written(&message(), vec![])), id(&written(&other, vec![])));
        assert!(id(&written(&message(), vec![])).ends_with("@tickets.example.org>"));
    }

    #[test]
    fn no_text_adds_a_header_or_a_recipient() {
        let expected = header_names(&written(&message(), vec![]));
        for evil in [
            "Hi\r\nBcc: eve@example.org",
            "Hi\nBcc: eve@example.org\n\nbody",
            "Hi\rBcc: eve@example.org",
            "Hi\u{2028}Bcc: e@example.org",
        ] {
            let mail = written(&Message { subject: evil.to_owned(), dedupe_key: evil.to_owned(), ..message() }, vec![]);
            assert_eq!(header_names(&mail), expected, "{mail}");
            let file =
                File { filename: format!("{evil}\".pdf"), content_type: "application/pdf".to_owned(), bytes: vec![] };
            assert!(!written(&message(), vec![file]).lines().any(|line| line.starts_with("Bcc")), "{evil}");
        }
        for evil in
            ["ada@example.org\r\nBcc: eve@example.org", "ada@example.org, eve@example.org", "Ada <ada@example.org>"]
        {
            let message = Message { recipient: evil.to_owned(), ..message() };
            assert!(compose(&message, &from(), "https://example.org", vec![]).is_err(), "{evil}");
        }
    }

    #[test]
    fn the_host_of_an_address_is_found() {
        assert_eq!(host_of("https://tickets.example.org:8443/x"), "tickets.example.org");
        assert_eq!(host_of("http://127.0.0.1:8080"), "127.0.0.1");
        assert_eq!(host_of("http://[::1]:8080"), "[::1]:8080");
    }
}
