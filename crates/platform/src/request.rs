//! What a transaction should know of the request that caused it: its id, its author, its idempotency key.

use std::sync::{Arc, Mutex};

use kernel::Actor;

/// The key of a request that must take effect once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRef {
    /// Who sent it: an account, a key, a device, or the address of a guest.
    pub caller: String,
    /// The `Idempotency-Key` header.
    pub key: String,
}

/// The context of one request or job; cheap to clone.
#[derive(Debug, Clone)]
pub struct RequestContext {
    /// The id that the answer, the log and the journal share.
    pub request_id: String,
    /// The key, when the request carries one.
    pub idempotency: Option<IdempotencyRef>,
    actor: Arc<Mutex<Actor>>,
}

tokio::task_local! {
    static CURRENT: RequestContext;
}

impl RequestContext {
    /// The context of a request whose author is not known yet.
    pub fn new(request_id: String) -> Self {
        Self { request_id, idempotency: None, actor: Arc::new(Mutex::new(Actor::Guest)) }
    }

    /// The context of Turnout's own work.
    pub fn system(request_id: String) -> Self {
        let context = Self::new(request_id);
        context.set_actor(Actor::System);
        context
    }

    /// The context of the running task; that of the system when nothing set one.
    pub fn current() -> Self {
        CURRENT.try_with(Clone::clone).unwrap_or_else(|_| Self::system(String::new()))
    }

    /// Runs a future in this context.
    pub async fn run<F: Future>(self, future: F) -> F::Output {
        CURRENT.scope(self, future).await
    }

    /// Tells who the author is, once it is known.
    pub fn set_actor(&self, actor: Actor) {
        if let Ok(mut current) = self.actor.lock() {
            *current = actor;
        }
    }

    /// The author.
    pub fn actor(&self) -> Actor {
        self.actor.lock().map_or(Actor::Guest, |actor| *actor)
    }
}
