//! The organisation's Ed25519 key that signs its tickets: made when the first ticket is issued, kept sealed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use jiff_sqlx::ToSqlx;
use kernel::OrganisationId;
use platform::vault::Vault;
use platform::{Fault, Tx};

const TICKET_KEY: &str = "ticket-key";
/// How long a node goes on signing with a key before it looks for a newer one. Tickets of an older key stay good: doors know all keys.
const KEPT: Duration = Duration::from_secs(10);
/// How many organisations' keys a node keeps; beyond that it starts anew.
const KEPT_MAX: usize = 1_000;

/// A key that can sign.
pub struct TicketKey {
    /// Its number within the organisation; every ticket code carries it.
    pub number: u16,
    pair: Ed25519KeyPair,
}

impl TicketKey {
    /// The key, for signing.
    pub fn pair(&self) -> &Ed25519KeyPair {
        &self.pair
    }
}

/// The public half of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// Its number within the organisation.
    pub number: u16,
    /// 32 bytes (RFC 8032).
    pub bytes: Vec<u8>,
}

fn open(vault: &Vault, organisation: OrganisationId, number: i16, sealed: &[u8]) -> Result<TicketKey, Fault> {
    let seed = vault.open(TICKET_KEY, organisation.uuid().as_bytes(), sealed).map_err(Fault::corrupt)?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(Fault::corrupt)?;
    Ok(TicketKey { number: u16::try_from(number).map_err(Fault::corrupt)?, pair })
}

/// The organisation's newest key, if it has one yet.
pub async fn find(tx: &mut Tx, organisation: OrganisationId) -> Result<Option<TicketKey>, Fault> {
    let row = sqlx::query!(
        "select number, private_sealed
         from boxoffice.ticket_key
         where organisation_id = $1 and retired_at is null
         order by number desc
         limit 1",
        organisation.uuid()
    )
    .fetch_optional(tx.conn())
    .await?;
    row.map(|row| open(tx.vault(), organisation, row.number, &row.private_sealed)).transpose()
}

/// The keys that a node has opened lately, so that not each batch of a sale does it again.
#[derive(Default)]
pub struct Keys(Mutex<HashMap<OrganisationId, (Instant, Arc<TicketKey>)>>);

impl Keys {
    /// The organisation's newest key, made when it has none; at most [`KEPT`] old.
    pub async fn get(&self, tx: &mut Tx, organisation: OrganisationId) -> Result<Arc<TicketKey>, Fault> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&organisation).cloned();
        if let Some((_, key)) = kept.filter(|(since, _)| since.elapsed() < KEPT) {
            return Ok(key);
        }
        if let Some(key) = find(tx, organisation).await? {
            let key = Arc::new(key);
            let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if keys.len() >= KEPT_MAX {
                keys.clear();
            }
            keys.insert(organisation, (Instant::now(), Arc::clone(&key)));
            return Ok(key);
        }
        // Not kept: the transaction that makes it may yet come to nothing.
        ensure(tx, organisation).await?;
        find(tx, organisation)
            .await?
            .map(Arc::new)
            .ok_or_else(|| Fault::corrupt("a ticket key that was just made is not there"))
    }
}

/// Makes the organisation's first key unless it has one. Two transactions at once keep the first one's.
async fn ensure(tx: &mut Tx, organisation: OrganisationId) -> Result<(), Fault> {
    let exists =
        sqlx::query!("select number from boxoffice.ticket_key where organisation_id = $1 limit 1", organisation.uuid())
            .fetch_optional(tx.conn())
            .await?
            .is_some();
    if exists {
        return Ok(());
    }
    let seed: [u8; 32] = tx.random().bytes();
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(Fault::corrupt)?;
    let sealed = tx.vault().seal(TICKET_KEY, organisation.uuid().as_bytes(), &seed);
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "insert into boxoffice.ticket_key (organisation_id, number, public_key, private_sealed, created_at)
         values ($1, 1, $2, $3, $4)
         on conflict (organisation_id, number) do nothing",
        organisation.uuid(),
        pair.public_key().as_ref(),
        sealed,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Every key whose tickets may still be shown at a door.
pub async fn public_keys(tx: &mut Tx, organisation: OrganisationId) -> Result<Vec<PublicKey>, Fault> {
    let rows = sqlx::query!(
        "select number, public_key
         from boxoffice.ticket_key
         where organisation_id = $1
         order by number
         limit 1000",
        organisation.uuid()
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter()
        .map(|row| Ok(PublicKey { number: u16::try_from(row.number).map_err(Fault::corrupt)?, bytes: row.public_key }))
        .collect()
}
