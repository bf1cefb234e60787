//! Who may call an operation, as its document says in `x-access`.

use kernel::Right;
use serde_json::{Map, Value};
use utoipa::openapi::OpenApi;

use super::operations;

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Everyone.
    Public,
    /// Everyone who is signed in.
    SignedIn,
    /// Members whose role carries the right, and keys that were given it.
    Right(Right),
    /// A door device, or a member who may check in.
    Door,
    /// Whoever has the secret of the object.
    Secret,
}

impl Access {
    pub(super) fn of(operation: &Map<String, Value>) -> Option<Self> {
        match operation.get("x-access")?.as_str()? {
            "public" => Some(Self::Public),
            "signed_in" => Some(Self::SignedIn),
            "door" => Some(Self::Door),
            "secret" => Some(Self::Secret),
            word => word.parse().ok().map(Self::Right),
        }
    }

    /// The words of the page.
    pub(super) fn words(self) -> String {
        match self {
            Self::Public => "Everyone".to_owned(),
            Self::SignedIn => "Signed in".to_owned(),
            Self::Right(right) => format!("Right {}", right.as_str()),
            Self::Door => "Door device, or right check_in".to_owned(),
            Self::Secret => "Secret of the object".to_owned(),
        }
    }

    /// Whether a token goes with the request.
    pub(super) fn needs_token(self) -> bool {
        matches!(self, Self::SignedIn | Self::Right(_) | Self::Door)
    }

    /// The security requirements of OpenAPI: any one of them.
    pub(super) fn requirements(self) -> Value {
        match self {
            Self::Public => serde_json::json!([{}]),
            Self::SignedIn => serde_json::json!([{"access_token": []}, {"session": []}]),
            Self::Right(_) => serde_json::json!([{"access_token": []}, {"api_key": []}, {"session": []}]),
            Self::Door => serde_json::json!([{"device_token": []}, {"access_token": []}, {"session": []}]),
            // The secret may also stand in the address or in the body.
            Self::Secret => serde_json::json!([{"object_secret": []}, {}]),
        }
    }
}

/// The operations that do not say who may call them, as `POST /api/v1/events`: a test wants none.
pub fn operations_without_access(document: &OpenApi) -> Vec<String> {
    let document = serde_json::to_value(document).unwrap_or_default();
    let silent = operations(&document).filter(|(_, _, operation)| Access::of(operation).is_none());
    silent.map(|(path, method, _)| format!("{} {path}", method.to_uppercase())).collect()
}
