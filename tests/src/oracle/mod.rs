//! The real tools, pinned, installed once into a cache folder of the user's, and driven without any network.
//!
//! [`cache`] finds or installs a tool and says why one is missing. [`claude`] plays a list of tool calls, scripted by
//! [`model_endpoint`], through the real Claude Code under managed settings; [`nono`] asks the real nono what a profile
//! grants; [`mcp_server`] declares the stdio server that such a run can call. Every run has its own folders and its own
//! process tree, so runs may go in parallel and leave nothing behind.

pub mod cache;
pub mod claude;
mod managed_mount;
pub mod mcp_server;
pub mod model_endpoint;
pub mod nono;
mod scratch;

pub use cache::{Skip, unless_skipped};
pub use scratch::Scratch;
