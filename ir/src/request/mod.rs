//! What an agent asks to do.

pub mod exec;
