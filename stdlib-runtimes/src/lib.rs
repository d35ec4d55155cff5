//! Curated text.
