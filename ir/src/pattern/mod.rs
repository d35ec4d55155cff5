//! Typed patterns.
