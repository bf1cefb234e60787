//! Files: pictures, ticket PDFs, exports. One trait (`object_store`) for local disk today and S3 or Azure when configured.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};

use crate::Fault;

/// A place for files, by key.
#[derive(Debug, Clone)]
pub struct Storage(Arc<dyn ObjectStore>);

impl Storage {
    /// Files below a directory of this machine, which is made when missing.
    pub fn on_disk(directory: &Path) -> Result<Self, Fault> {
        std::fs::create_dir_all(directory).map_err(|error| Fault::dependency("storage", error))?;
        let store = LocalFileSystem::new_with_prefix(directory).map_err(|error| Fault::dependency("storage", error))?;
        Ok(Self(Arc::new(store)))
    }

    /// Stores a file, replacing what was there.
    pub async fn put(&self, key: &str, bytes: impl Into<Bytes>) -> Result<(), Fault> {
        let payload = PutPayload::from_bytes(bytes.into());
        self.0.put(&Key::from(key), payload).await.map(|_| ()).map_err(|error| Fault::dependency("storage", error))
    }

    /// Reads a file; `None` when there is none.
    pub async fn get(&self, key: &str) -> Result<Option<Bytes>, Fault> {
        match self.0.get(&Key::from(key)).await {
            Ok(found) => found.bytes().await.map(Some).map_err(|error| Fault::dependency("storage", error)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(Fault::dependency("storage", error)),
        }
    }

    /// Removes a file; removing what is not there is fine.
    pub async fn delete(&self, key: &str) -> Result<(), Fault> {
        match self.0.delete(&Key::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Fault::dependency("storage", error)),
        }
    }
}
