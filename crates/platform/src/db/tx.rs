//! A transaction as operations see it: a connection, the time it began, the events and jobs that leave with it.

use jiff::Timestamp;
use kernel::events::JournalEvent;
use kernel::{Actor, Id, OrganisationId};
use sqlx::PgConnection;

use super::connections::Lease;
use crate::jobs::{Payload, When};
use crate::random::Random;
use crate::request::RequestContext;
use crate::vault::Vault;
use crate::{Fault, journal};

/// One transaction. It commits when the operation it was handed to succeeds, and only `Db` can commit it.
pub struct Tx {
    lease: Lease,
    now: Timestamp,
    random: Random,
    vault: Vault,
    request: RequestContext,
    has_recorded: bool,
}

impl Tx {
    pub(super) fn new(lease: Lease, now: Timestamp, random: Random, vault: Vault, request: RequestContext) -> Self {
        Self { lease, now, random, vault, request, has_recorded: false }
    }

    /// The connection, for SQL.
    pub fn conn(&mut self) -> &mut PgConnection {
        self.lease.connection()
    }

    /// When the transaction began: the one time that everything in it agrees on.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A new id, ordered by time.
    pub fn new_id<T: Id>(&self) -> T {
        self.random.id(self.now)
    }

    /// The source of random bytes.
    pub fn random(&self) -> &Random {
        &self.random
    }

    /// The holder of keys, for secrets that are derived rather than stored.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }

    /// Who caused the transaction.
    pub fn actor(&self) -> Actor {
        self.request.actor()
    }

    /// Appends a fact to the journal of its aggregate, in this transaction. Subscribers hear of it after the commit.
    pub async fn record<E: JournalEvent>(
        &mut self,
        organisation: Option<OrganisationId>,
        event: &E,
    ) -> Result<(), Fault> {
        let entry = self.entry(organisation, event, &self.request.clone())?;
        self.record_all(&[entry]).await
    }

    /// A fact that another request caused, for `record_all`: a batch writes down the facts of many.
    pub fn entry<E: JournalEvent>(
        &self,
        organisation: Option<OrganisationId>,
        event: &E,
        request: &RequestContext,
    ) -> Result<journal::Entry, Fault> {
        journal::Entry::of(organisation, event, request.actor(), &request.request_id, self.now)
    }

    /// Appends facts in the order given, with one statement for all of them.
    pub async fn record_all(&mut self, entries: &[journal::Entry]) -> Result<(), Fault> {
        journal::append(self.conn(), entries).await?;
        self.has_recorded |= !entries.is_empty();
        Ok(())
    }

    /// Notes that the idempotency keys of these requests have their effect with this transaction, as the commit does for the
    /// request that it belongs to.
    pub async fn mark_effects(&mut self, requests: &[RequestContext]) -> Result<(), Fault> {
        super::mark_effects(self, requests.iter().filter_map(|request| request.idempotency.clone()).collect()).await
    }

    /// Queues a job that exists only if this transaction commits.
    pub async fn enqueue<P: Payload>(&mut self, payload: &P, when: When) -> Result<(), Fault> {
        crate::jobs::enqueue(self.conn(), payload, when).await
    }

    pub(super) fn has_recorded(&self) -> bool {
        self.has_recorded
    }

    pub(super) fn request(&self) -> &RequestContext {
        &self.request
    }

    /// Gives the connection back, which is safe only after a commit or a rollback that the server confirmed.
    pub(super) fn end(self) {
        self.lease.end();
    }
}
