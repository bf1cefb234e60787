//! The HTTP shell: accept loop, extractors, problems, idempotency, CSRF, sessions, assets.
