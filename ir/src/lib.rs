//! The contract that every other crate shares: the Compiled Policy, the request, the one evaluator
//! that decides between them, the pattern algebra, and the arithmetic of coverage.
//!
//! Read in this order: [`vocabulary`], [`pattern`], [`policy`], [`request`], [`decide`], then
//! [`algebra`], [`target`], [`coverage`] and [`bundle`]. What is absent is the design: no source
//! text, no provider's name, no IO, no clock.

pub mod pattern;
pub mod request;
pub mod vocabulary;
