//! Questions about patterns: does one lie inside others, do two overlap, what is the difference.
//!
//! Every field of a request is a word over one alphabet, every pattern a regular language. A
//! question is whether a combination of languages holds a word that is a real request; the answer
//! is a proof that it does not, the shortest such request, or *unknown* when the budget ran out,
//! which must count as not proven. What is a real request is an automaton of its own that every
//! question is intersected with, so that every witness could be sent.

mod alphabet;
mod automaton;
mod class;
mod contain;
mod formula;
mod index;
mod language;
#[cfg(test)]
mod laws;
mod sample;
mod search;
mod valid;

pub use self::class::{Class, Domain};
pub use self::contain::contains;
pub use self::formula::{Formula, find, outside, overlap};
pub use self::index::Index;
pub use self::language::{Atom, Language};
pub use self::sample::Sample;

/// How many search steps a question may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The steps that are left; each question takes its own off.
    pub steps: u64,
}

impl Budget {
    /// Enough for any question that a policy written by people leads to; about a second of work.
    pub const STANDARD: Self = Self { steps: 2_000_000 };

    /// A budget of `steps`.
    pub const fn new(steps: u64) -> Self {
        Self { steps }
    }

    /// Takes `steps` off, or says that they are not there.
    fn spend(&mut self, steps: usize) -> Result<(), OutOfSteps> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        self.steps = self.steps.checked_sub(steps).ok_or(OutOfSteps)?;
        Ok(())
    }
}

/// A question took more steps than it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct OutOfSteps;

/// What a question was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// There is no such request: proven.
    No,
    /// Here is one, as short as any.
    Witness(Sample),
    /// The budget ran out: nothing is proven.
    Unknown,
}

impl Answer {
    /// Whether it is proven that there is no such request.
    pub fn is_no(&self) -> bool {
        *self == Self::No
    }

    /// The witness, if there is one.
    pub fn witness(&self) -> Option<&Sample> {
        match self {
            Self::Witness(sample) => Some(sample),
            Self::No | Self::Unknown => None,
        }
    }
}
