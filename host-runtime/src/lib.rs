//! The enforcing side: it sees bundles, never policy text or providers.
//!
//! [`verify`] judges one tool call against a mounted keyring; [`guard`] runs it in a child so that
//! whatever goes wrong there is a refusal. Starting and supervising sandboxes is not here yet.

pub mod answer;
pub mod guard;
pub mod keyring;
pub mod tree;
pub mod verify;
