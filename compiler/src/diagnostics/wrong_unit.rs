//! An amount whose unit or size does not fit what it measures.

use super::listing::listing;
use super::{Diagnostic, Label, quoted};
use crate::source::Span;

#[derive(Debug)]
pub struct WrongUnit {
    /// The meter, or `within`.
    pub word: String,
    /// The number as it is written.
    pub text: String,
    /// Of the number and its unit.
    pub span: Span,
    pub unit: Option<String>,
    /// All units that fit; empty where there is none to write.
    pub units: Vec<String>,
}

/// What is wrong with the amount.
enum Fault<'a> {
    NoUnitTaken(&'a str),
    UnitMissing,
    UnitOfAnother(&'a str),
    NotRepresentable,
}

impl WrongUnit {
    pub fn render(&self) -> Diagnostic {
        let (message, label, help) = self.sentences();
        Diagnostic {
            help: Some(help),
            ..Diagnostic::error(Self::NAME, message, Label::new(self.span, label))
        }
    }

    fn fault(&self) -> Fault<'_> {
        match self.unit.as_deref() {
            Some(unit) if self.units.is_empty() => Fault::NoUnitTaken(unit),
            Some(unit) if self.units.iter().all(|known| known != unit) => {
                Fault::UnitOfAnother(unit)
            }
            None if !self.units.is_empty() => Fault::UnitMissing,
            Some(_) | None => Fault::NotRepresentable,
        }
    }

    /// Message, label and help.
    fn sentences(&self) -> (String, String, String) {
        let word = quoted(&self.word);
        let write_unit = || {
            let units = listing(self.units.iter().map(String::as_str), "or");
            format!("write {} with {units}", quoted(&self.text))
        };
        match self.fault() {
            Fault::NoUnitTaken(unit) => (
                format!("{word} takes no unit"),
                format!("a bare number is expected, without {}", quoted(unit)),
                format!("write {}", quoted(&self.text)),
            ),
            Fault::UnitMissing => (
                format!("{word} needs a unit"),
                "a number without its unit".to_owned(),
                write_unit(),
            ),
            Fault::UnitOfAnother(unit) => (
                format!("{} is no unit of {word}", quoted(unit)),
                format!("{word} is not measured in {}", quoted(unit)),
                write_unit(),
            ),
            Fault::NotRepresentable => (
                format!("{word} cannot be exactly {}", quoted(&self.amount())),
                "too large, or a finer fraction than is counted".to_owned(),
                "write a smaller number, or one with fewer decimals".to_owned(),
            ),
        }
    }

    fn amount(&self) -> String {
        let unit = self.unit.iter().map(String::as_str);
        let words: Vec<&str> = std::iter::once(self.text.as_str()).chain(unit).collect();
        words.join(" ")
    }
}
