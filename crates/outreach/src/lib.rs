//! Mail: templates, delivery, the built-in mailbox.
