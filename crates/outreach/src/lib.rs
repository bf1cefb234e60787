//! Outreach: every message that leaves, and the built-in mailbox for servers that have nowhere to send it.

pub mod mailbox;
pub mod message;
pub mod template;

use kernel::mail::MailRequest;
use platform::jobs::JobHandler;
use web::Module;

use message::send::send_mail;

/// What this context brings to the server.
pub fn module() -> Module {
    Module {
        name: "outreach",
        routes: mailbox::routes(),
        jobs: vec![JobHandler::new::<MailRequest, _, _>(send_mail)],
        subscribers: Vec::new(),
    }
}
