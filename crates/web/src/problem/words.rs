//! The sentences of problems that no operation refuses: the framework's own, and the apology.

use http::StatusCode;

pub(crate) const APOLOGY: &str = "Something broke on our side, sorry. The trace id helps us to find it.";

/// What a class of problems is called.
pub(crate) fn title(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Problem")
}

/// A problem that the server itself answers: its status, code and sentence.
pub(crate) struct OwnProblem {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) detail: &'static str,
}

const fn own(status: u16, code: &'static str, detail: &'static str) -> OwnProblem {
    OwnProblem { status, code, detail }
}

/// Every problem that can come from the shell, for any operation. The first of a status is its default.
pub(crate) const OWN_PROBLEMS: &[OwnProblem] = &[
    own(400, "malformed_request", "The request cannot be understood."),
    own(400, "malformed_json", "The body is not JSON."),
    own(400, "idempotency_key_invalid", "An Idempotency-Key has 1 to 255 printable ASCII characters."),
    own(401, "unauthenticated", "Sign in to go on."),
    own(403, "forbidden", "Your role or key does not allow this."),
    own(403, "person_required", "An API key cannot do this; a person has to."),
    own(403, "cross_origin", "This request came from another site, so it was not carried out."),
    own(404, "not_found", "There is nothing here, or you may not see it."),
    own(405, "method_not_allowed", "This address does not know that method; the Allow header lists those it does."),
    own(406, "not_acceptable", "There is no such representation of this."),
    own(408, "request_timeout", "The request took too long to arrive."),
    own(409, "conflict", "This is at odds with the present state."),
    own(
        409,
        "idempotency_in_progress",
        "The first request with this Idempotency-Key is still running. Try again in a moment.",
    ),
    own(
        409,
        "outcome_unknown",
        "The first request with this Idempotency-Key took effect, but its answer was lost. Look up what it made before you try again with another key.",
    ),
    own(410, "gone", "This was here, and is not any more."),
    own(411, "length_required", "The length of the body is needed."),
    own(412, "stale", "This was changed since you read it. Read it again and repeat the edit."),
    own(413, "body_too_large", "The body is too large."),
    own(414, "uri_too_long", "The address is too long."),
    own(415, "unsupported_media_type", "The body is of a type that is not understood here."),
    own(417, "expectation_failed", "The expectation cannot be met."),
    own(422, "invalid_fields", "Some fields need another look."),
    own(
        422,
        "idempotency_key_reused",
        "This Idempotency-Key was used for another request. Use a new key for a new request.",
    ),
    own(428, "if_match_required", "Send If-Match with the ETag you read, so that nobody's edit is lost."),
    own(429, "too_many_requests", "Too many requests. Wait a moment and try again."),
    own(431, "headers_too_large", "The request's headers are too large."),
    own(500, "internal", APOLOGY),
    own(501, "not_implemented", "The server cannot do that."),
    own(503, "unavailable", "Turnout cannot answer right now. Nothing is lost; try again in a moment."),
    own(504, "timeout", "The answer took too long, so its outcome is not known. Look before you try again."),
    own(505, "http_version_not_supported", "This version of HTTP is not spoken here."),
];
