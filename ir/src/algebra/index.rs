//! Which languages are worth a question: those whose fixed beginning agrees.
//!
//! A path and a command begin on the left; the name of a host ends in what it has in common with
//! others, so it is keyed from the right.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::class::{Class, Domain, Symbol, V4, V6, VARIABLE, WORD_END};
use super::language::{Atom, Language};

/// What the keys of names of hosts begin with; addresses begin with their markers.
const NAME: Symbol = VARIABLE - 1;

/// Values, each found by the fixed beginnings of its language.
#[derive(Debug, Clone, Default)]
pub struct Index<T> {
    values: Vec<T>,
    by_key: BTreeMap<Vec<Symbol>, Vec<usize>>,
}

impl<T> Index<T> {
    /// An index without values.
    pub fn new() -> Self {
        Self {
            values: Vec::new(),
            by_key: BTreeMap::new(),
        }
    }

    /// Adds a value under its language. Languages of different domains belong in different indices.
    pub fn insert(&mut self, language: &Language, value: T) {
        let at = self.values.len();
        self.values.push(value);
        for key in keys(language) {
            let entry = self.by_key.entry(key).or_default();
            if entry.last() != Some(&at) {
                entry.push(at);
            }
        }
    }

    /// The values whose languages may hold all of some branch of `inner`, in order of insertion.
    pub fn candidates_containing(&self, inner: &Language) -> Vec<&T> {
        let mut found = Vec::new();
        for key in keys(inner) {
            self.shorter(&key, &mut found);
        }
        self.values_at(found)
    }

    /// The values whose languages may hold a word of `language`, variables being letters: all that
    /// can matter to the inclusion of it in a union.
    pub fn candidates_meeting(&self, language: &Language) -> Vec<&T> {
        let mut found = Vec::new();
        for key in keys(language) {
            self.meeting(&key, &mut found);
        }
        self.values_at(found)
    }

    /// The values whose languages may overlap `language` under some binding of the variables.
    pub fn candidates_overlapping(&self, language: &Language) -> Vec<&T> {
        let mut found = Vec::new();
        for key in keys(language) {
            if key.first().copied().is_some_and(is_variable) {
                let others = self
                    .by_key
                    .iter()
                    .filter(|(other, _)| other.first() != key.first());
                others.for_each(|(_, values)| found.extend(values));
            } else {
                let variables = vec![VARIABLE]..vec![WORD_END];
                self.by_key
                    .range(variables)
                    .for_each(|(_, values)| found.extend(values));
            }
            self.meeting(&key, &mut found);
        }
        self.values_at(found)
    }

    fn meeting(&self, key: &[Symbol], found: &mut Vec<usize>) {
        self.shorter(key, found);
        let longer = self
            .by_key
            .range::<[Symbol], _>((Bound::Excluded(key), Bound::Unbounded));
        longer
            .take_while(|(other, _)| other.starts_with(key))
            .for_each(|(_, values)| found.extend(values));
    }

    /// What stands under `key` and its beginnings.
    fn shorter(&self, key: &[Symbol], found: &mut Vec<usize>) {
        for length in 0..=key.len() {
            if let Some(values) = key.get(..length).and_then(|start| self.by_key.get(start)) {
                found.extend(values);
            }
        }
    }

    fn values_at(&self, mut found: Vec<usize>) -> Vec<&T> {
        found.sort_unstable();
        found.dedup();
        found
            .into_iter()
            .filter_map(|at| self.values.get(at))
            .collect()
    }
}

fn is_variable(symbol: Symbol) -> bool {
    Class::any_variable().has(symbol)
}

fn keys(language: &Language) -> Vec<Vec<Symbol>> {
    let mut keys: Vec<Vec<Symbol>> = language
        .branches()
        .iter()
        .map(|branch| match language.domain() {
            Domain::Connect => host_key(branch),
            Domain::Path | Domain::Argv | Domain::Mcp | Domain::Name => {
                fixed(branch.iter(), Direction::Forwards)
            }
        })
        .collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Forwards,
    Backwards,
}

fn fixed<'a>(atoms: impl Iterator<Item = &'a Atom>, direction: Direction) -> Vec<Symbol> {
    let mut key = Vec::new();
    for atom in atoms {
        match atom {
            Atom::Literal(literal) if direction == Direction::Forwards => {
                key.extend(literal.symbols());
            }
            Atom::Literal(literal) => key.extend(literal.symbols().iter().rev()),
            Atom::One(class) => match class.only() {
                Some(symbol) => key.push(symbol),
                None => break,
            },
            Atom::Star(_) | Atom::Optional(_) | Atom::Repeat(_) => break,
        }
    }
    key
}

/// An address from the left; a name from the right, without port and method.
fn host_key(branch: &[Atom]) -> Vec<Symbol> {
    let Some(host) = branch
        .len()
        .checked_sub(2)
        .and_then(|length| branch.get(..length))
    else {
        return Vec::new();
    };
    let from_left = fixed(host.iter(), Direction::Forwards);
    if matches!(from_left.first(), Some(&V4 | &V6)) {
        return from_left;
    }
    if !host.iter().all(is_of_name) {
        return Vec::new();
    }
    let mut key = vec![NAME];
    key.extend(fixed(host.iter().rev(), Direction::Backwards));
    key
}

fn is_of_name(atom: &Atom) -> bool {
    match atom {
        Atom::Literal(literal) => literal
            .symbols()
            .iter()
            .all(|symbol| Class::host_byte().has(*symbol)),
        Atom::One(class) | Atom::Star(class) => Class::host_byte().includes(class),
        Atom::Optional(inner) | Atom::Repeat(inner) => inner.iter().all(is_of_name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern::{HostPattern, PathPattern};

    fn path(text: &str) -> Language {
        Language::path(&PathPattern::parse(text).expect("a pattern"))
    }

    fn host(text: &str) -> Language {
        Language::connect(&HostPattern::parse(text).expect("a pattern"), &[])
    }

    fn index(languages: impl Fn(&str) -> Language, texts: &[&'static str]) -> Index<&'static str> {
        let mut index = Index::new();
        for text in texts {
            index.insert(&languages(text), *text);
        }
        index
    }

    #[test]
    fn a_candidate_has_no_longer_beginning() {
        let index = index(path, &["/a/**", "/b/**", "**/x", "/a/b/c", "$project/**"]);
        assert_eq!(
            index.candidates_containing(&path("/a/b/*")),
            [&"/a/**", &"**/x"]
        );
        assert_eq!(
            index.candidates_meeting(&path("/a/b/*")),
            [&"/a/**", &"**/x", &"/a/b/c"]
        );
        assert_eq!(
            index.candidates_containing(&path("$project/a")),
            [&"**/x", &"$project/**"]
        );
    }

    #[test]
    fn a_variable_may_be_anywhere_when_overlap_is_asked() {
        let index = index(path, &["/a", "$project/a", "$project/b", "$home/**"]);
        assert_eq!(
            index.candidates_overlapping(&path("/b")),
            [&"$project/a", &"$project/b", &"$home/**"]
        );
        assert_eq!(
            index.candidates_overlapping(&path("$project/a")),
            [&"/a", &"$project/a", &"$home/**"]
        );
    }

    #[test]
    fn hosts_are_found_from_the_right() {
        let index = index(
            host,
            &[
                "*.example.com",
                "*.example.org:443",
                "**",
                "10.0.0.0/8",
                "**.com",
            ],
        );
        assert_eq!(
            index.candidates_containing(&host("a.example.com:443")),
            [&"*.example.com", &"**", &"**.com"]
        );
        assert_eq!(
            index.candidates_containing(&host("10.1.0.0/16")),
            [&"**", &"10.0.0.0/8"]
        );
        assert_eq!(
            index.candidates_meeting(&host("10.0.0.0/7")),
            [&"**", &"10.0.0.0/8"]
        );
    }
}
