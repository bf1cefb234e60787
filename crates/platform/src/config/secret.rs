//! Which settings are secrets, and how they are read from files.

use std::path::Path;

/// Settings that are never shown and that also come as `KEY_file`.
pub const SECRETS: [&str; 4] = ["database.url", "smtp.url", "vault.key", "payments.test_webhook_secret"];

/// True when the setting holds a secret.
pub fn is_secret(key: &str) -> bool {
    SECRETS.contains(&key)
}

/// The secret that `name` points at with its `_file` ending, if it is such a name.
pub fn secret_of_file_key(name: &str) -> Option<&'static str> {
    let stem = name.strip_suffix("_file")?;
    SECRETS.into_iter().find(|secret| *secret == stem)
}

/// Reads a secret from its file; one trailing line break belongs to the file and not to the secret.
///
/// # Errors
/// A sentence naming the file, when it cannot be read or holds nothing.
pub fn read(path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("the secret file {} cannot be read: {error}", path.display()))?;
    let secret = text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    if secret.is_empty() {
        return Err(format!("the secret file {} is empty", path.display()));
    }
    Ok(secret.to_owned())
}
