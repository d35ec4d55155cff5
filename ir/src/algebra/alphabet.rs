//! The letters of one question: symbols that no language in it tells apart are one letter.
//!
//! A letter is shown by its most readable symbol, and letters are numbered by that, so that a search
//! which tries them in order finds a readable witness among the shortest.

use std::collections::{BTreeMap, BTreeSet};

use super::class::{Class, NO_METHOD, OCTET4, OCTET6, PORT, Symbol};
use super::language::{Atom, Language};
use super::valid::Valid;

/// The number of a letter.
pub(crate) type Letter = u32;

/// The number of a class.
pub(crate) type ClassId = u32;

/// The letters and classes of one question.
#[derive(Debug)]
pub(crate) struct Alphabet {
    /// The symbol that stands for each letter.
    shown: Vec<Symbol>,
    /// The last symbol of each interval, and the letter that it belongs to, if any.
    intervals: Vec<(Symbol, Letter)>,
    classes: BTreeMap<Class, ClassId>,
    /// The letters of each class, in order.
    members: Vec<Vec<Letter>>,
}

impl Alphabet {
    pub(crate) fn of<'a>(valid: Valid, languages: impl Iterator<Item = &'a Language>) -> Self {
        let mut found = Found::default();
        for language in languages {
            language
                .branches()
                .iter()
                .for_each(|branch| found.visit(branch));
        }
        let mut all: BTreeSet<Class> = found.classes.iter().cloned().collect();
        all.extend(valid.classes());
        let pieces = pieces(&valid.alphabet(), &all, &found.literals);
        let letters = letters(&pieces);
        let mut alphabet = Self {
            shown: letters.iter().map(|(shown, _)| *shown).collect(),
            intervals: Vec::with_capacity(pieces.len()),
            classes: BTreeMap::new(),
            members: Vec::new(),
        };
        for (number, (_, intervals)) in (0..).zip(&letters) {
            alphabet
                .intervals
                .extend(intervals.iter().map(|(_, high)| (*high, number)));
        }
        alphabet.intervals.sort_unstable();
        for (number, class) in (0..).zip(found.classes) {
            let members = (0..)
                .zip(&alphabet.shown)
                .filter(|(_, shown)| class.has(**shown));
            alphabet
                .members
                .push(members.map(|(letter, _)| letter).collect());
            alphabet.classes.insert(class, number);
        }
        alphabet
    }

    /// The symbol that stands for `letter`.
    pub(crate) fn shown(&self, letter: Letter) -> Option<Symbol> {
        self.shown.get(usize::try_from(letter).ok()?).copied()
    }

    pub(crate) fn letters(&self) -> impl Iterator<Item = Letter> + use<> {
        0..Letter::try_from(self.shown.len()).unwrap_or(Letter::MAX)
    }

    /// The letter of a symbol that a literal names, if it occurs in real requests.
    pub(crate) fn letter(&self, symbol: Symbol) -> Option<Letter> {
        let at = self.intervals.partition_point(|(high, _)| *high < symbol);
        let (_, letter) = self.intervals.get(at)?;
        (self.shown(*letter)? == symbol).then_some(*letter)
    }

    pub(crate) fn class(&self, class: &Class) -> Option<ClassId> {
        self.classes.get(class).copied()
    }

    pub(crate) fn members(&self, class: ClassId) -> &[Letter] {
        usize::try_from(class)
            .ok()
            .and_then(|at| self.members.get(at))
            .map_or(&[], Vec::as_slice)
    }

    pub(crate) fn has(&self, class: ClassId, letter: Letter) -> bool {
        self.members(class).binary_search(&letter).is_ok()
    }
}

/// The classes and literal symbols of a question.
#[derive(Debug, Default)]
struct Found {
    classes: BTreeSet<Class>,
    literals: BTreeSet<Symbol>,
}

impl Found {
    fn visit(&mut self, atoms: &[Atom]) {
        for atom in atoms {
            match atom {
                Atom::Literal(literal) => self.literals.extend(literal.symbols()),
                Atom::One(class) | Atom::Star(class) => {
                    if !self.classes.contains(class) {
                        self.classes.insert(class.clone());
                    }
                }
                Atom::Optional(inner) | Atom::Repeat(inner) => self.visit(inner),
            }
        }
    }
}

/// The first and the last symbol of an interval.
type Interval = (Symbol, Symbol);

/// What tells symbols apart: the classes they are in, and each from all others if it is a literal.
type Signature = (Vec<u64>, Option<Symbol>);

type Piece = (Interval, Signature);

fn pieces(alphabet: &Class, classes: &BTreeSet<Class>, literals: &BTreeSet<Symbol>) -> Vec<Piece> {
    let mut cuts: BTreeSet<Symbol> = literals
        .iter()
        .flat_map(|symbol| [*symbol, symbol + 1])
        .collect();
    for (low, high) in classes.iter().chain([alphabet]).flat_map(Class::ranges) {
        cuts.extend([*low, high + 1]);
    }
    let starts: Vec<Symbol> = cuts.into_iter().collect();
    let ends = starts.iter().skip(1);
    let intervals = starts.iter().zip(ends).map(|(low, next)| (*low, next - 1));
    let inside = intervals.filter(|(low, _)| alphabet.has(*low));
    inside
        .map(|interval| {
            (
                interval,
                (
                    signature(classes, interval.0),
                    literals.get(&interval.0).copied(),
                ),
            )
        })
        .collect()
}

fn signature(classes: &BTreeSet<Class>, symbol: Symbol) -> Vec<u64> {
    let mut bits = vec![0_u64; classes.len().div_ceil(64)];
    for (at, _) in classes
        .iter()
        .enumerate()
        .filter(|(_, class)| class.has(symbol))
    {
        if let Some(word) = bits.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }
    bits
}

/// The letters, the most readable first: the symbol that is shown, and the intervals.
fn letters(pieces: &[Piece]) -> Vec<(Symbol, Vec<Interval>)> {
    let mut groups: BTreeMap<&Signature, Vec<Interval>> = BTreeMap::new();
    for (interval, signature) in pieces {
        groups.entry(signature).or_default().push(*interval);
    }
    let shown = |intervals: &[Interval]| {
        intervals
            .iter()
            .map(|interval| most_readable(*interval))
            .min_by_key(|symbol| rank(*symbol))
    };
    let mut letters: Vec<_> = groups
        .into_values()
        .filter_map(|intervals| Some((shown(&intervals)?, intervals)))
        .collect();
    letters.sort_unstable_by_key(|(symbol, _)| rank(*symbol));
    letters
}

fn most_readable((low, high): (Symbol, Symbol)) -> Symbol {
    let https = PORT + 443;
    if low >= PORT {
        return if (low..=high).contains(&https) {
            https
        } else {
            low
        };
    }
    (low..=high)
        .min_by_key(|symbol| rank(*symbol))
        .unwrap_or(low)
}

/// How early a symbol is tried; ties go to the smaller one.
fn rank(symbol: Symbol) -> (u32, Symbol) {
    let group = match u8::try_from(symbol) {
        Ok(b'a') => 0,
        Ok(b'x') => 1,
        Ok(b'a'..=b'z') => 2,
        Ok(b'0'..=b'9') => 3,
        Ok(b'-' | b'_' | b'.') => 4,
        Ok(b'A'..=b'Z') => 5,
        Ok(b'/') => 6,
        Ok(b'!'..=b'~') => 7,
        Ok(b' ') => 8,
        Ok(_) => 20,
        Err(_) => match symbol {
            NO_METHOD => 9,
            // Addresses read best as 1.1.1.1 and as a prefix with `::`.
            _ if symbol == OCTET4 + 1 || symbol == OCTET6 => 9,
            _ if symbol == PORT + 443 => 9,
            _ => 10,
        },
    };
    (group, symbol)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algebra::class::Domain;
    use crate::algebra::valid::Precision;
    use crate::pattern::{HostPattern, PathPattern};

    #[test]
    fn symbols_that_nothing_tells_apart_are_one_letter() {
        let pattern = PathPattern::parse("/ab/*").expect("a pattern");
        let valid = Valid {
            domain: Domain::Path,
            precision: Precision::Plain,
        };
        let language = Language::path(&pattern);
        let alphabet = Alphabet::of(valid, [&language].into_iter());
        // `a`, `b`, `/`, `.`, the variables, and everything else.
        assert_eq!(alphabet.letters().count(), 6);
        assert_eq!(alphabet.shown(1), Some(u32::from(b'x')));
    }

    #[test]
    fn a_range_of_ports_is_shown_by_443_or_its_first() {
        let valid = Valid {
            domain: Domain::Connect,
            precision: Precision::Plain,
        };
        let language =
            Language::connect(&HostPattern::parse("h:8000-8999").expect("a pattern"), &[]);
        let alphabet = Alphabet::of(valid, [&language].into_iter());
        let ports: Vec<_> = alphabet
            .letters()
            .filter_map(|letter| alphabet.shown(letter))
            .filter(|symbol| *symbol > PORT)
            .collect();
        assert_eq!(ports, [PORT + 443, PORT + 8000]);
    }
}
