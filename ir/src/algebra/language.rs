//! Languages: what a pattern means, or what a target's own pattern means.
//!
//! A language is a union of branches, each a sequence of atoms. It need not mind what is no real
//! request: `*` may be empty here, for an empty segment is not valid anyway.

use std::net::IpAddr;

use super::automaton;
use super::class::{Class, Domain, Symbol, variable_symbol};
use super::sample::Sample;
use crate::pattern::argv::{WordTokens, fixed_words};
use crate::pattern::glob::{Token, plain};
use crate::pattern::path::{Root, SegmentTokens};
use crate::pattern::{
    ArgvPattern, HostPattern, HostShape, McpPattern, NamePattern, PathPattern, Ports,
};
use crate::vocabulary::{Method, Variable};

/// One element of a branch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Atom {
    /// Exactly these bytes and letters; see [`Atom::text`].
    Literal(Literal),
    /// One symbol of the class.
    One(Class),
    /// Any number of symbols of the class, none included.
    Star(Class),
    /// The sequence, or nothing.
    Optional(Vec<Atom>),
    /// Any number of the sequence, none included.
    Repeat(Vec<Atom>),
}

/// A fixed run of symbols.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Literal(Vec<Symbol>);

impl Literal {
    pub(crate) fn symbols(&self) -> &[Symbol] {
        &self.0
    }

    /// All but the first symbol.
    pub(crate) fn after_first(&self) -> Self {
        Self(self.0.iter().skip(1).copied().collect())
    }
}

impl Atom {
    /// Exactly the bytes of `text`.
    pub fn text(text: &str) -> Self {
        Self::Literal(Literal(text.bytes().map(Symbol::from).collect()))
    }

    /// The letter of `variable`, with which a path may begin.
    pub fn variable(variable: Variable) -> Self {
        Self::Literal(Literal(vec![variable_symbol(variable)]))
    }

    /// The end of a word of a command.
    pub fn word_end() -> Self {
        Self::One(Class::word_end())
    }

    /// The path as it stands so far, and everything beneath it: what `/**` means.
    pub fn beneath() -> Self {
        Self::Optional(vec![Self::text("/"), Self::Star(Class::path_byte())])
    }

    /// Anything that a path can begin with, up to a segment: what a leading `**` means.
    pub fn anywhere() -> [Self; 2] {
        [
            Self::Optional(vec![Self::One(Class::any_variable())]),
            Self::beneath(),
        ]
    }

    /// The addresses whose first `length` bits are those of `address`, as the atoms of a host.
    pub fn network(address: IpAddr, length: u8) -> Vec<Self> {
        match address {
            IpAddr::V4(address) => {
                network_atoms(Class::v4(), &address.octets(), length, Class::octets4)
            }
            IpAddr::V6(address) => {
                network_atoms(Class::v6(), &address.octets(), length, Class::octets6)
            }
        }
    }
}

/// A union of branches over the words of one domain.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language {
    domain: Domain,
    branches: Vec<Vec<Atom>>,
}

impl Language {
    /// The language of these branches, for what a target matches. A branch of a path begins with
    /// `/`, a variable or [`Atom::anywhere`]; one of a connection is host, port and method; one of a
    /// command ends each word with [`Atom::word_end`]. Words that are no real request do not count.
    pub fn from_atoms(domain: Domain, branches: Vec<Vec<Atom>>) -> Self {
        Self { domain, branches }
    }

    /// Every request of the domain.
    pub fn everything(domain: Domain) -> Self {
        let branch = match domain {
            Domain::Path => Atom::anywhere().to_vec(),
            Domain::Connect => {
                vec![
                    Atom::Star(Class::host_symbol()),
                    Atom::One(Class::any_port()),
                    Atom::One(Class::any_method()),
                ]
            }
            Domain::Argv => vec![Atom::Star(Class::argv_symbol())],
            Domain::Mcp => vec![
                Atom::Star(Class::mcp_byte()),
                Atom::text("/"),
                Atom::Star(Class::mcp_byte()),
            ],
            Domain::Name => vec![Atom::Star(Class::word_byte())],
        };
        Self {
            domain,
            branches: vec![branch],
        }
    }

    /// No request of the domain.
    pub fn nothing(domain: Domain) -> Self {
        Self {
            domain,
            branches: Vec::new(),
        }
    }

    /// Exactly one word.
    pub(crate) fn of_word(domain: Domain, word: &[Symbol]) -> Self {
        Self {
            domain,
            branches: vec![vec![Atom::Literal(Literal(word.to_vec()))]],
        }
    }

    /// What an allow of `pattern` matches.
    pub fn path(pattern: &PathPattern) -> Self {
        Self {
            domain: Domain::Path,
            branches: vec![path_atoms(pattern)],
        }
    }

    /// What a deny of `pattern` matches: it and all that lies beneath.
    pub fn path_and_beneath(pattern: &PathPattern) -> Self {
        let mut atoms = path_atoms(pattern);
        if atoms.is_empty() {
            return Self::everything(Domain::Path);
        }
        if atoms.last() != Some(&Atom::beneath()) {
            atoms.push(Atom::beneath());
        }
        Self {
            domain: Domain::Path,
            branches: vec![atoms],
        }
    }

    /// What an allow of `pattern` matches. No methods are any method, a hidden one included.
    pub fn connect(pattern: &HostPattern, methods: &[Method]) -> Self {
        let methods = if methods.is_empty() {
            Class::any_method()
        } else {
            Class::methods(methods)
        };
        Self::connect_with(pattern, methods)
    }

    /// What an ask or a deny of `pattern` matches: a request that hides its method as well.
    pub fn connect_covered(pattern: &HostPattern, methods: &[Method]) -> Self {
        let methods = if methods.is_empty() {
            Class::any_method()
        } else {
            Class::methods(methods).union(&Class::no_method())
        };
        Self::connect_with(pattern, methods)
    }

    fn connect_with(pattern: &HostPattern, methods: Class) -> Self {
        let mut atoms = host_atoms(pattern.shape());
        atoms.push(Atom::One(match pattern.ports() {
            Ports::Any => Class::any_port(),
            Ports::Range(range) => Class::ports(range),
        }));
        atoms.push(Atom::One(methods));
        Self {
            domain: Domain::Connect,
            branches: vec![atoms],
        }
    }

    /// The commands, without unknown words, that `pattern` matches.
    pub fn argv(pattern: &ArgvPattern) -> Self {
        let mut atoms = Vec::new();
        for word in fixed_words(pattern.as_str()) {
            push_tokens(&mut atoms, WordTokens::new(word), &Class::word_byte());
            atoms.push(Atom::word_end());
        }
        if pattern.has_rest() {
            atoms.push(Atom::Star(Class::argv_symbol()));
        }
        Self {
            domain: Domain::Argv,
            branches: vec![atoms],
        }
    }

    /// The tools that `pattern` matches.
    pub fn mcp(pattern: &McpPattern) -> Self {
        let mut atoms = Vec::new();
        push_tokens(&mut atoms, plain(pattern.as_str()), &Class::mcp_byte());
        Self {
            domain: Domain::Mcp,
            branches: vec![atoms],
        }
    }

    /// The names that `pattern` matches.
    pub fn name(pattern: &NamePattern) -> Self {
        let mut atoms = Vec::new();
        push_tokens(&mut atoms, plain(pattern.as_str()), &Class::word_byte());
        Self {
            domain: Domain::Name,
            branches: vec![atoms],
        }
    }

    /// The modules that `pattern` covers: those it matches, and their submodules.
    pub fn module(pattern: &NamePattern) -> Self {
        let mut language = Self::name(pattern);
        for branch in &mut language.branches {
            branch.push(Atom::Optional(vec![
                Atom::text("."),
                Atom::Star(Class::word_byte()),
            ]));
        }
        language
    }

    /// What either language holds; of two domains, this one's.
    #[must_use]
    pub fn union(mut self, other: Self) -> Self {
        if self.domain == other.domain {
            self.branches.extend(other.branches);
        }
        self
    }

    /// What the words are.
    pub fn domain(&self) -> Domain {
        self.domain
    }

    /// The branches, each a sequence of atoms.
    pub fn branches(&self) -> &[Vec<Atom>] {
        &self.branches
    }

    /// Whether the language holds `sample`.
    pub fn holds(&self, sample: &Sample) -> bool {
        self.domain == sample.domain() && automaton::accepts(self, &sample.encode())
    }
}

fn path_atoms(pattern: &PathPattern) -> Vec<Atom> {
    let mut atoms = match pattern.root() {
        Root::Anywhere => Atom::anywhere().to_vec(),
        Root::Absolute => Vec::new(),
        Root::Variable(variable) => vec![Atom::variable(variable)],
    };
    for segment in pattern.segments() {
        if segment == "**" {
            atoms.push(Atom::beneath());
        } else {
            push_token(&mut atoms, Token::Byte(b'/'), &Class::segment_byte());
            push_tokens(
                &mut atoms,
                SegmentTokens(segment.as_bytes()),
                &Class::segment_byte(),
            );
        }
    }
    atoms
}

fn host_atoms(shape: HostShape<'_>) -> Vec<Atom> {
    let mut atoms = Vec::new();
    match shape {
        HostShape::Anything => atoms.push(Atom::Star(Class::host_symbol())),
        HostShape::Name(labels) => push_tokens(&mut atoms, plain(labels), &Class::label_byte()),
        HostShape::Beneath(labels) => {
            atoms.push(Atom::Star(Class::host_byte()));
            push_token(&mut atoms, Token::Byte(b'.'), &Class::label_byte());
            push_tokens(&mut atoms, plain(labels), &Class::label_byte());
        }
        HostShape::Network { address, length } => return Atom::network(address, length),
    }
    atoms
}

/// Octets before the end of the prefix are fixed, those after it free, and the one it ends in a range.
fn network_atoms(
    marker: Class,
    octets: &[u8],
    length: u8,
    octet: fn(std::ops::RangeInclusive<u8>) -> Class,
) -> Vec<Atom> {
    let mut bits = u32::from(length);
    let mut atoms = vec![Atom::One(marker)];
    for &first in octets {
        let fixed = bits.min(8);
        bits -= fixed;
        let free = u8::MAX.checked_shr(fixed).unwrap_or(0);
        atoms.push(Atom::One(octet(first & !free..=first | free)));
    }
    atoms
}

fn push_tokens(atoms: &mut Vec<Atom>, tokens: impl Iterator<Item = Token>, class: &Class) {
    for token in tokens {
        push_token(atoms, token, class);
    }
}

fn push_token(atoms: &mut Vec<Atom>, token: Token, class: &Class) {
    match (token, atoms.last_mut()) {
        (Token::Byte(byte), Some(Atom::Literal(Literal(symbols)))) => symbols.push(byte.into()),
        (Token::Byte(byte), _) => atoms.push(Atom::Literal(Literal(vec![byte.into()]))),
        (Token::One, _) => atoms.push(Atom::One(class.clone())),
        (Token::Run, _) => atoms.push(Atom::Star(class.clone())),
    }
}
