//! A mail to be sent: what contexts ask for, and what outreach delivers.

use serde::{Deserialize, Serialize};

use crate::{Email, OrganisationId};

/// A request to send one templated mail. It is a job's payload and is dropped when the mail is queued.
#[derive(Clone, Serialize, Deserialize)]
pub struct MailRequest {
    /// The tenant on whose behalf it is sent; none for Turnout's own mail (sign-in codes).
    pub organisation: Option<OrganisationId>,
    /// Makes the mail go out once however often the job runs.
    pub dedupe_key: String,
    /// The name of the template: `sign_in`, `invitation`, `tickets`, `order_cancelled`, `payment_too_late`.
    pub template: String,
    /// Who gets it.
    pub to: Email,
    /// What the template needs, by name.
    pub data: serde_json::Value,
    /// Files that were stored beforehand.
    pub attachments: Vec<Attachment>,
}

/// A file in the object storage that goes with a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Where it is stored.
    pub storage_key: String,
    /// The name the reader sees.
    pub filename: String,
    /// Its media type (RFC 6838).
    pub content_type: String,
}
