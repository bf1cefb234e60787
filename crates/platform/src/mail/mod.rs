//! The mail transport: SMTP when it is configured; without it, outreach keeps mail in the built-in mailbox.

use lettre::message::Mailbox;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use crate::Fault;

/// A way to hand mail over.
#[derive(Clone)]
pub struct MailTransport {
    smtp: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl MailTransport {
    /// A pool of connections to the SMTP server behind a URL such as `smtps://user:password@mail.example.org`.
    pub fn smtp(url: &str, from_name: &str, from_address: &str) -> Result<Self, Fault> {
        let smtp = AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
            .map_err(|error| Fault::dependency("smtp", error))?
            .timeout(Some(std::time::Duration::from_secs(30)))
            .build();
        let address = from_address.parse().map_err(|error| Fault::dependency("smtp", error))?;
        Ok(Self { smtp, from: Mailbox::new(Some(from_name.to_owned()), address) })
    }

    /// Who Turnout's mail comes from.
    pub fn from(&self) -> &Mailbox {
        &self.from
    }

    /// Hands one message over; when this returns, the server has accepted it.
    pub async fn send(&self, message: Message) -> Result<(), Fault> {
        self.smtp.send(message).await.map(|_| ()).map_err(|error| Fault::dependency("smtp", error))
    }

    /// Whether the server answers.
    pub async fn is_reachable(&self) -> bool {
        self.smtp.test_connection().await.unwrap_or(false)
    }
}
