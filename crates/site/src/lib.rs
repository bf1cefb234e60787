//! Public pages rendered by the server.
