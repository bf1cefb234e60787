//! Sending a mail: at least once, and harmless when run twice.

use kernel::mail::{Attachment, MailRequest};
use platform::jobs::{JobFailure, Payload};
use platform::mail::MailTransport;
use platform::{Failure, Fault, Never, Platform, Scope, Tx};

use super::compose::{File, compose, host_of};
use super::model::{Message, MessageState};
use super::store;
use crate::template::{Letter, Site, TEMPLATES_WITH_SECRETS, render};

#[derive(Clone)]
struct Keep {
    request: MailRequest,
    letter: Letter,
}

#[derive(Clone)]
struct Delivered {
    message: Message,
    state: MessageState,
}

#[derive(Clone)]
struct Failed {
    message: Message,
    reason: String,
}

/// The job `outreach.send_mail`. The letter is written down once for its key; then it is handed to the mail server, or stays in the built-in
/// mailbox when there is none. A crash between handing over and noting it sends the letter again, under the same `Message-ID`.
pub async fn send_mail(platform: Platform, request: MailRequest) -> Result<(), JobFailure> {
    let message = match platform.db.read(Scope::System, "find_message", request.dedupe_key.clone(), find).await? {
        Some(message) => message,
        None => write_down(&platform, request).await?,
    };
    if message.state.is_delivered() {
        return Ok(());
    }
    let Some(transport) = platform.mail.clone() else {
        let kept = Delivered { message, state: MessageState::Kept };
        return Ok(platform.db.write(Scope::System, "keep_message", kept, note_delivered).await?);
    };
    if let Err(failure) = hand_over(&platform, &transport, &message).await {
        let failed = Failed { message, reason: failure.to_string() };
        platform.db.write(Scope::System, "note_failed_message", failed, note_failure).await?;
        return Err(failure);
    }
    let sent = Delivered { message, state: MessageState::Sent };
    Ok(platform.db.write(Scope::System, "note_sent_message", sent, note_delivered).await?)
}

async fn find(tx: &mut Tx, dedupe_key: String) -> Result<Option<Message>, Failure<Never>> {
    Ok(store::find_by_key(tx, &dedupe_key).await?)
}

async fn write_down(platform: &Platform, request: MailRequest) -> Result<Message, JobFailure> {
    let site = Site { name: host_of(&platform.public_url), url: &platform.public_url };
    let letter = render(&request.template, &request.data, site).map_err(JobFailure::lasting)?;
    Ok(platform.db.write(Scope::System, "write_message", Keep { request, letter }, keep).await?)
}

async fn keep(tx: &mut Tx, Keep { request, letter }: Keep) -> Result<Message, Failure<Never>> {
    let message = Message {
        id: tx.new_id(),
        organisation: request.organisation,
        dedupe_key: request.dedupe_key,
        template: request.template,
        recipient: request.to.to_string(),
        subject: letter.subject,
        html: letter.html,
        text: letter.text,
        attachments: request.attachments,
        state: MessageState::Queued,
        created_at: tx.now(),
    };
    store::insert(tx, &message).await?;
    // Another run of the same job may have been faster.
    Ok(store::find_by_key(tx, &message.dedupe_key).await?.ok_or_else(|| Fault::corrupt("a message went away"))?)
}

async fn hand_over(platform: &Platform, transport: &MailTransport, message: &Message) -> Result<(), JobFailure> {
    let mut files = Vec::new();
    for Attachment { storage_key, filename, content_type } in message.attachments.clone() {
        let bytes = platform
            .storage
            .get(&storage_key)
            .await?
            .ok_or_else(|| JobFailure::lasting(format!("the file {storage_key} is missing")))?;
        files.push(File { filename, content_type, bytes: bytes.to_vec() });
    }
    let mail = compose(message, transport.from(), &platform.public_url, files).map_err(JobFailure::lasting)?;
    Ok(transport.send(mail).await?)
}

async fn note_delivered(tx: &mut Tx, delivered: Delivered) -> Result<(), Failure<Never>> {
    let message = &delivered.message;
    let is_kept_readable =
        delivered.state == MessageState::Kept || !TEMPLATES_WITH_SECRETS.contains(&message.template.as_str());
    Ok(store::mark_delivered(tx, message.id, delivered.state, is_kept_readable).await?)
}

async fn note_failure(tx: &mut Tx, failed: Failed) -> Result<(), Failure<Never>> {
    let tries = store::count_failure(tx, failed.message.id, &failed.reason).await?;
    let state = MessageState::after_failure(tries, <MailRequest as Payload>::ATTEMPTS_MAX);
    Ok(store::set_state(tx, failed.message.id, state).await?)
}
