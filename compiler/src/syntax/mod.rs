//! Text to tree: lexer, pre-scan, parser.
//!
//! It stands first in the compilation and knows nothing of meaning: names are not resolved, patterns
//! are not read. [`parse`] never fails; it says what is wrong and returns whatever is sound.

pub mod ast;
pub mod lexer;
pub mod token;
pub mod words;

mod fault;
mod grammar;
mod imports;
mod outline;
mod parser;

pub use imports::imports;
pub use parser::parse;

/// After so many errors a file is wrong as a whole, and further ones help nobody.
pub const MAX_ERRORS: usize = 100;

#[cfg(test)]
mod grammar_document;
#[cfg(test)]
mod tests;
