//! Symbols and sets of them.
//!
//! One numbering serves all domains: bytes, a letter for each variable, the end of a word, markers
//! and octets of addresses, ports, methods. Callers name sets by what they mean and never see the
//! numbers.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use crate::vocabulary::{Method, Variable};

/// One letter of a request's word.
pub(crate) type Symbol = u32;

pub(crate) const VARIABLE: Symbol = 256;
pub(crate) const WORD_END: Symbol = 272;
pub(crate) const V4: Symbol = 273;
pub(crate) const V6: Symbol = 274;
pub(crate) const NO_METHOD: Symbol = 288;
pub(crate) const METHOD: Symbol = 289;
pub(crate) const OCTET4: Symbol = 512;
pub(crate) const OCTET6: Symbol = 768;
pub(crate) const PORT: Symbol = 0x1_0000;

/// What the words of a language are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Domain {
    /// `variable? (/segment)*`; the root directory is the empty word.
    Path,
    /// A name or an address, then a port, then a method or the letter for none.
    Connect,
    /// Words, each followed by its end.
    Argv,
    /// `server/tool`.
    Mcp,
    /// The bytes of a name.
    Name,
}

/// A set of symbols.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class(Cow<'static, [(Symbol, Symbol)]>);

impl Class {
    const fn of_ranges(ranges: &'static [(Symbol, Symbol)]) -> Self {
        Self(Cow::Borrowed(ranges))
    }

    pub(crate) fn span(low: Symbol, high: Symbol) -> Self {
        Self(Cow::Owned(vec![(low, high)]))
    }

    pub(crate) fn single(symbol: Symbol) -> Self {
        Self::span(symbol, symbol)
    }

    /// One byte.
    pub fn byte(byte: u8) -> Self {
        Self::single(byte.into())
    }

    /// A range of bytes.
    pub fn bytes(range: RangeInclusive<u8>) -> Self {
        Self::span((*range.start()).into(), (*range.end()).into())
    }

    /// Any byte of a path's segment: not `/`, not NUL.
    pub const fn segment_byte() -> Self {
        Self::of_ranges(&[(1, 0x2e), (0x30, 0xff)])
    }

    /// Any byte of a path: not NUL.
    pub const fn path_byte() -> Self {
        Self::of_ranges(&[(1, 0xff)])
    }

    /// The letter of a variable.
    pub fn variable(variable: Variable) -> Self {
        Self::single(variable_symbol(variable))
    }

    /// The letters of all variables.
    pub const fn any_variable() -> Self {
        Self::of_ranges(&[(VARIABLE, WORD_END - 1)])
    }

    /// Any byte of a word: not NUL.
    pub const fn word_byte() -> Self {
        Self::of_ranges(&[(1, 0xff)])
    }

    /// The end of a word.
    pub const fn word_end() -> Self {
        Self::of_ranges(&[(WORD_END, WORD_END)])
    }

    /// Any byte of a word, and the end of one: a run of these crosses words.
    pub const fn argv_symbol() -> Self {
        Self::of_ranges(&[(1, 0xff), (WORD_END, WORD_END)])
    }

    /// Any byte of a label: lower-case letters, digits, `-` and `_`.
    pub const fn label_byte() -> Self {
        Self::of_ranges(&[(0x2d, 0x2d), (0x30, 0x39), (0x5f, 0x5f), (0x61, 0x7a)])
    }

    /// Any byte of a name of a host: those of labels, and `.`.
    pub const fn host_byte() -> Self {
        Self::of_ranges(&[(0x2d, 0x2e), (0x30, 0x39), (0x5f, 0x5f), (0x61, 0x7a)])
    }

    /// All that can stand in front of a port, so that a run of it is any name and any address.
    pub const fn host_symbol() -> Self {
        Self::of_ranges(&[
            (0x2d, 0x2e),
            (0x30, 0x39),
            (0x5f, 0x5f),
            (0x61, 0x7a),
            (V4, V6),
            (OCTET4, OCTET4 + 255),
            (OCTET6, OCTET6 + 255),
        ])
    }

    /// What an IPv4 address begins with; four octets follow.
    pub const fn v4() -> Self {
        Self::of_ranges(&[(V4, V4)])
    }

    /// What an IPv6 address begins with; sixteen octets follow.
    pub const fn v6() -> Self {
        Self::of_ranges(&[(V6, V6)])
    }

    /// A range of octets of an IPv4 address.
    pub fn octets4(range: RangeInclusive<u8>) -> Self {
        Self::span(
            OCTET4 + u32::from(*range.start()),
            OCTET4 + u32::from(*range.end()),
        )
    }

    /// A range of octets of an IPv6 address.
    pub fn octets6(range: RangeInclusive<u8>) -> Self {
        Self::span(
            OCTET6 + u32::from(*range.start()),
            OCTET6 + u32::from(*range.end()),
        )
    }

    /// A range of ports.
    pub fn ports(range: RangeInclusive<u16>) -> Self {
        Self::span(
            PORT + u32::from(*range.start()),
            PORT + u32::from(*range.end()),
        )
    }

    /// Any port.
    pub const fn any_port() -> Self {
        Self::of_ranges(&[(PORT + 1, PORT + 0xffff)])
    }

    /// These methods.
    pub fn methods(methods: &[Method]) -> Self {
        methods.iter().fold(Self::of_ranges(&[]), |class, method| {
            class.union(&Self::single(method_symbol(*method)))
        })
    }

    /// The letter of a request that shows no method.
    pub const fn no_method() -> Self {
        Self::of_ranges(&[(NO_METHOD, NO_METHOD)])
    }

    /// Any method, and none.
    pub const fn any_method() -> Self {
        Self::of_ranges(&[(NO_METHOD, OCTET4 - 1)])
    }

    /// Any byte of the name of an MCP server or tool.
    pub const fn mcp_byte() -> Self {
        Self::of_ranges(&[(0x21, 0x29), (0x2b, 0x2e), (0x30, 0x7e)])
    }

    /// The symbols of both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut ranges: Vec<_> = self.0.iter().chain(other.0.iter()).copied().collect();
        ranges.sort_unstable();
        let mut merged: Vec<(Symbol, Symbol)> = Vec::with_capacity(ranges.len());
        for (low, high) in ranges {
            match merged.last_mut() {
                Some((_, end)) if low <= end.saturating_add(1) => *end = high.max(*end),
                Some(_) | None => merged.push((low, high)),
            }
        }
        Self(Cow::Owned(merged))
    }

    /// The symbols of this class that are not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        for &(low, high) in self.0.iter() {
            let mut from = low;
            for &(cut_low, cut_high) in other.0.iter().filter(|cut| cut.1 >= low && cut.0 <= high) {
                if cut_low > from {
                    left.push((from, cut_low - 1));
                }
                from = cut_high + 1;
            }
            if from <= high {
                left.push((from, high));
            }
        }
        Self(Cow::Owned(left))
    }

    pub(crate) fn ranges(&self) -> &[(Symbol, Symbol)] {
        &self.0
    }

    pub(crate) fn has(&self, symbol: Symbol) -> bool {
        self.0
            .iter()
            .any(|&(low, high)| (low..=high).contains(&symbol))
    }

    pub(crate) fn includes(&self, other: &Self) -> bool {
        other
            .0
            .iter()
            .all(|&(low, high)| self.0.iter().any(|range| range.0 <= low && high <= range.1))
    }

    /// The only symbol, if there is only one.
    pub(crate) fn only(&self) -> Option<Symbol> {
        match *self.0 {
            [(low, high)] if low == high => Some(low),
            [..] => None,
        }
    }
}

pub(crate) fn variable_symbol(variable: Variable) -> Symbol {
    VARIABLE + position(Variable::ALL, &variable)
}

pub(crate) fn method_symbol(method: Method) -> Symbol {
    METHOD + position(Method::ALL, &method)
}

fn position<T: PartialEq>(all: &[T], member: &T) -> Symbol {
    let at = all
        .iter()
        .position(|other| other == member)
        .unwrap_or_default();
    Symbol::try_from(at).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_without_another_keeps_the_rest() {
        let letters = Class::bytes(b'a'..=b'z')
            .without(&Class::bytes(b'c'..=b'e'))
            .without(&Class::byte(b'z'));
        assert_eq!(letters.ranges(), [(0x61, 0x62), (0x66, 0x79)]);
        assert!(letters.without(&Class::path_byte()).ranges().is_empty());
    }

    #[test]
    fn the_numbering_keeps_its_parts_apart() {
        assert!(!Class::any_variable().has(WORD_END));
        assert!(Class::any_variable().has(variable_symbol(Variable::Cache)));
        assert!(Class::any_method().includes(&Class::methods(Method::ALL)));
        assert!(!Class::host_symbol().has(NO_METHOD));
    }
}
