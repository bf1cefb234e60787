//! What a context keeps in the memory of one node: caches, queues. Nothing here is truth, and all of it may be lost.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// One value for each type, made when it is first asked for and shared by all clones.
#[derive(Clone, Default)]
pub struct Locals(Arc<Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>>);

impl Locals {
    /// The node's value of this type.
    pub fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let value = Arc::clone(values.entry(TypeId::of::<T>()).or_insert_with(|| Arc::new(T::default())));
        drop(values);
        // The key is the type of the value, so this cannot fail; a fresh value would only cost a cache.
        value.downcast().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn everyone_gets_the_same_value() {
        let locals = Locals::default();
        locals.get::<AtomicU32>().store(7, Ordering::Relaxed);
        assert_eq!(locals.clone().get::<AtomicU32>().load(Ordering::Relaxed), 7);
        assert_eq!(Locals::default().get::<AtomicU32>().load(Ordering::Relaxed), 0);
    }
}
