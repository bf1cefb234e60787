//! A message and what became of it.

use jiff::Timestamp;
use kernel::mail::Attachment;
use kernel::{MessageId, OrganisationId};

/// A letter to one person.
#[derive(Clone)]
pub struct Message {
    /// Its name.
    pub id: MessageId,
    /// The tenant on whose behalf it is sent.
    pub organisation: Option<OrganisationId>,
    /// What makes it one and the same message however often it is asked for.
    pub dedupe_key: String,
    /// The template it was written with.
    pub template: String,
    /// Who gets it.
    pub recipient: String,
    /// One line.
    pub subject: String,
    /// The designed version.
    pub html: String,
    /// The plain version.
    pub text: String,
    /// Files in the storage that go with it.
    pub attachments: Vec<Attachment>,
    /// How far it is.
    pub state: MessageState,
    /// When it was written.
    pub created_at: Timestamp,
}

/// How far a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageState {
    /// It waits for a mail server to take it.
    Queued,
    /// A mail server has taken it.
    Sent,
    /// There is no mail server; it lies in the built-in mailbox.
    Kept,
    /// All tries failed; an operator may try again.
    Failed,
}

impl MessageState {
    const ALL: [Self; 4] = [Self::Queued, Self::Sent, Self::Kept, Self::Failed];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Kept => "kept",
            Self::Failed => "failed",
        }
    }

    /// Reads `as_str`.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether somebody has it, so that sending it again would be a second letter.
    pub fn is_delivered(self) -> bool {
        matches!(self, Self::Sent | Self::Kept)
    }

    /// The state after a failed try: given up after the last one.
    pub fn after_failure(tries: i32, tries_max: i32) -> Self {
        if tries >= tries_max { Self::Failed } else { Self::Queued }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_given_up_after_its_last_try_and_never_sent_twice() {
        assert_eq!(MessageState::after_failure(1, 12), MessageState::Queued);
        assert_eq!(MessageState::after_failure(12, 12), MessageState::Failed);
        let delivered: Vec<_> = MessageState::ALL.into_iter().filter(|state| state.is_delivered()).collect();
        assert_eq!(delivered, [MessageState::Sent, MessageState::Kept]);
        assert!(MessageState::ALL.into_iter().all(|state| MessageState::from_word(state.as_str()) == Some(state)));
    }
}
