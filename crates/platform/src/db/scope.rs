//! Whose rows a transaction may see. Row-level security reads these variables and fails closed.

use kernel::{AccountId, OrganisationId};

/// The fence around one transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One organisation's rows.
    Tenant(OrganisationId),
    /// The rows a person may see as themselves, in whichever organisation.
    Account(AccountId),
    /// What organisers have made public.
    Public,
    /// Turnout's own jobs: what is due, what is waiting; never a whole tenant's data.
    System,
    /// No tenant rows at all.
    Nobody,
}

/// How long PostgreSQL waits for the next statement of a transaction before it ends the session. A node that is cut off in the middle of a
/// transaction holds its locks no longer than this, and the others go on selling.
const IDLE_MILLISECONDS_MAX: u32 = 3_000;

impl Scope {
    /// The statement that begins a transaction behind this fence.
    ///
    /// `begin; rollback` first is the second wall against a connection that came back inside an open transaction: on a clean
    /// connection it does nothing, without a warning in the server's log; on a dirty one it rolls the leftovers back, or fails and the
    /// connection is thrown away. All of it is one round trip.
    pub(crate) fn begin(self, is_read_only: bool, statement_timeout_milliseconds: u64) -> String {
        let (scope, organisation, account) = match self {
            Self::Tenant(id) => ("tenant", id.uuid().to_string(), String::new()),
            Self::Account(id) => ("account", String::new(), id.uuid().to_string()),
            Self::Public => ("public", String::new(), String::new()),
            Self::System => ("system", String::new(), String::new()),
            Self::Nobody => ("", String::new(), String::new()),
        };
        let mode = if is_read_only { "read only" } else { "read write" };
        format!(
            "begin; rollback; begin isolation level read committed {mode}; \
             set local role turnout_app; set local statement_timeout = {statement_timeout_milliseconds}; \
             set local idle_in_transaction_session_timeout = {IDLE_MILLISECONDS_MAX}; \
             set local turnout.scope = '{scope}'; set local turnout.organisation = '{organisation}'; set local turnout.account = '{account}'"
        )
    }
}
