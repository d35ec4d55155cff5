//! The contract that every other crate shares: the Compiled Policy, the request, the one evaluator
//! that decides between them, the pattern algebra, and the arithmetic of coverage.
//!
//! Read in this order: [`vocabulary`], [`pattern`], [`policy`], [`request`], [`decide`], then
//! [`algebra`], [`target`], [`coverage`] and [`bundle`]. What is absent is the design: no source
//! text, no provider's name, no IO, no clock.

pub mod algebra;
pub mod bundle;
pub mod coverage;
pub mod decide;
pub mod flatten;
pub mod keyring;
pub mod pattern;
pub mod policy;
pub mod request;
pub mod target;
pub mod verdict;
pub mod vocabulary;
