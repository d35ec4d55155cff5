//! The policy compiler.

pub mod diagnostics;
pub mod nearest;
pub mod source;
pub mod syntax;
