//! The signing keys in memory: one signs, some are still believed. Cheap to clone; clones share what they know.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use platform::request::RequestContext;
use platform::{Failure, Fault, Never, Platform, Scope, Tx};

use super::signing_key::{SigningKey, StoredKey};
use super::store;

/// A key is read again from the database after this, so that one withdrawn by hand is soon believed no more.
const CACHED_SECONDS: i64 = 60;

/// The keys that this process has read.
#[derive(Clone, Default)]
pub struct Keys(Arc<Mutex<Vec<Cached>>>);

#[derive(Clone)]
struct Cached {
    key: Arc<SigningKey>,
    read_at: Timestamp,
}

impl Keys {
    /// The key to sign with now; made when there is none or the last one is too old.
    pub async fn signing(&self, platform: &Platform) -> Result<Arc<SigningKey>, Fault> {
        let now = platform.clock.now();
        if let Some(key) = self.cached(now, |key| key.signs_at(now)) {
            return Ok(key);
        }
        let newest = platform.db.read(Scope::Nobody, "find_signing_key", (), newest).await;
        if let Some(stored) = newest.map_err(Failure::into_fault)?
            && let Some(key) = self.keep(platform, &stored, now)?
        {
            return Ok(key);
        }
        let stored = make(platform, now).await?;
        self.keep(platform, &stored, now)?.ok_or_else(|| Fault::corrupt("a signing key of another vault is in the way"))
    }

    /// Finds the key that signed a token, if it is still believed.
    pub async fn find(&self, platform: &Platform, id: &str) -> Result<Option<Arc<SigningKey>>, Fault> {
        let now = platform.clock.now();
        if let Some(key) = self.cached(now, |key| key.id == id && now < key.retires_at) {
            return Ok(Some(key));
        }
        let found = platform.db.read(Scope::Nobody, "find_token_key", id.to_owned(), believed).await;
        let Some(stored) = found.map_err(Failure::into_fault)? else { return Ok(None) };
        self.keep(platform, &stored, now)
    }

    fn cached(&self, now: Timestamp, is_wanted: impl Fn(&SigningKey) -> bool) -> Option<Arc<SigningKey>> {
        let mut keys = self.0.lock().ok()?;
        keys.retain(|cached| now.duration_since(cached.read_at) < SignedDuration::from_secs(CACHED_SECONDS));
        let wanted = keys.iter().filter(|cached| is_wanted(&cached.key));
        wanted.max_by_key(|cached| cached.key.created_at).map(|cached| Arc::clone(&cached.key))
    }

    fn keep(&self, platform: &Platform, stored: &StoredKey, now: Timestamp) -> Result<Option<Arc<SigningKey>>, Fault> {
        let Some(key) = stored.open(&platform.vault)? else {
            tracing::warn!(kid = stored.id, "a signing key was sealed by another vault key and is not believed");
            return Ok(None);
        };
        let key = Arc::new(key);
        if let Ok(mut keys) = self.0.lock() {
            keys.retain(|cached| cached.key.id != key.id);
            keys.push(Cached { key: Arc::clone(&key), read_at: now });
        }
        Ok(Some(key))
    }
}

async fn newest(tx: &mut Tx, (): ()) -> Result<Option<StoredKey>, Failure<Never>> {
    let now = tx.now();
    Ok(signing_among(tx, now).await?)
}

/// The newest key of this vault that still signs. Keys of other vaults are passed over.
async fn signing_among(tx: &mut Tx, now: Timestamp) -> Result<Option<StoredKey>, Fault> {
    for stored in store::list_published(tx).await? {
        if stored.signs_at(now) && stored.open(tx.vault())?.is_some() {
            return Ok(Some(stored));
        }
    }
    Ok(None)
}

async fn believed(tx: &mut Tx, id: String) -> Result<Option<StoredKey>, Failure<Never>> {
    let now = tx.now();
    Ok(store::find_key(tx, &id).await?.filter(|key| now < key.retires_at))
}

/// Generates outside the transaction, since it takes a while; when another node was faster, its key is taken.
async fn make(platform: &Platform, now: Timestamp) -> Result<StoredKey, Fault> {
    let vault = platform.vault.clone();
    let generated = tokio::task::spawn_blocking(move || StoredKey::generate(&vault, now)).await;
    let fresh = generated.map_err(|stopped| Fault::Interrupted(format!("making a signing key: {stopped}")))??;
    // In a context of its own: inside the request's, this commit would count as the effect of its idempotency key.
    let context = RequestContext::system("signing-key".to_owned());
    let kept = context.run(platform.db.write(Scope::Nobody, "keep_signing_key", fresh, keep_unless_there)).await;
    kept.map_err(Failure::into_fault)
}

async fn keep_unless_there(tx: &mut Tx, fresh: StoredKey) -> Result<StoredKey, Failure<Never>> {
    store::lock_keys(tx).await?;
    let now = tx.now();
    if let Some(there) = signing_among(tx, now).await? {
        return Ok(there);
    }
    store::insert_key(tx, &fresh).await?;
    Ok(fresh)
}
