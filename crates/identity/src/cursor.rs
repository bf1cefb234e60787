//! Cursors of this context's lists: the id that the page before ended with.

use std::str::FromStr;

use kernel::PageRequest;
use platform::{FieldError, InvalidFields};

/// Reads the cursor of a page request as an id.
pub fn read<T: FromStr>(page: &PageRequest) -> Result<Option<T>, InvalidFields> {
    let cursor = page.cursor.as_deref().map(str::parse).transpose();
    cursor.map_err(|_| InvalidFields(vec![FieldError::new("cursor", "invalid", "this is not a cursor of this list")]))
}
