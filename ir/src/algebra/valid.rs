//! Which words are real requests: one small deterministic automaton for each domain.
//!
//! *Plain* leaves out what needs many states and hardly ever matters: that bytes are UTF-8, and that
//! a label has at most 63 characters. A search goes by it first; only when its witness is no real
//! request is *exact* asked. An inclusion that holds of all plain words holds of the exact ones.

use super::class::{
    Class, Domain, NO_METHOD, OCTET4, OCTET6, PORT, Symbol, V4, V6, VARIABLE, WORD_END,
};
use crate::pattern::host::{MAX_LABEL, MAX_NAME};
use crate::pattern::mcp::is_name_byte;

/// The symbol of port 1; there is no port 0.
const FIRST_PORT: Symbol = PORT + 1;

/// How closely real requests are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    Plain,
    Exact,
}

/// A state: what of the word matters for what may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct State {
    at: Place,
    /// Of a byte sequence that is not complete.
    partial: Utf8,
    /// Of the current label; stays 0 in plain.
    length: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Place {
    Start,
    AfterVariable,
    AfterSlash,
    Dot,
    DotDot,
    InSegment,
    InWord,
    AfterWord,
    AfterDot,
    Digits,
    Zero,
    Hex,
    Label,
    Octets4(u8),
    /// How many octets are read, and whether they are still those of an IPv4-mapped address.
    Octets6(u8, bool),
    AfterPort,
    AfterMethod,
    InServer,
    AfterServer,
    InTool,
    InName,
}

/// What may follow within a character of several bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Utf8 {
    Complete,
    Last,
    LastTwo,
    LastThree,
    AfterE0,
    AfterEd,
    AfterF0,
    AfterF4,
}

/// The automaton of one domain.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Valid {
    pub(crate) domain: Domain,
    pub(crate) precision: Precision,
}

impl Valid {
    pub(crate) const START: State = State {
        at: Place::Start,
        partial: Utf8::Complete,
        length: 0,
    };

    /// The longest word there is, if there is one.
    pub(crate) fn max_length(self) -> Option<usize> {
        match self.domain {
            Domain::Connect => Some(MAX_NAME + 2),
            Domain::Path | Domain::Argv | Domain::Mcp | Domain::Name => None,
        }
    }

    /// All symbols that occur in the domain.
    pub(crate) fn alphabet(self) -> Class {
        match self.domain {
            Domain::Path => Class::path_byte().union(&Class::any_variable()),
            Domain::Connect => Class::host_symbol()
                .union(&Class::any_port())
                .union(&Class::any_method()),
            Domain::Argv => Class::argv_symbol(),
            Domain::Mcp => Class::mcp_byte().union(&Class::byte(b'/')),
            Domain::Name => Class::word_byte(),
        }
    }

    /// The sets that this automaton tells apart.
    pub(crate) fn classes(self) -> Vec<Class> {
        let mut classes = match self.domain {
            Domain::Path => vec![Class::byte(b'/'), Class::byte(b'.'), Class::any_variable()],
            Domain::Connect => vec![
                Class::byte(b'.'),
                Class::byte(b'0'),
                Class::bytes(b'1'..=b'9'),
                Class::byte(b'x'),
                Class::bytes(b'a'..=b'f'),
                Class::label_byte(),
                Class::v4(),
                Class::v6(),
                Class::octets4(0..=255),
                Class::octets6(0..=255),
                Class::octets6(0..=0),
                Class::octets6(255..=255),
                Class::any_port(),
                Class::any_method(),
            ],
            Domain::Argv => vec![Class::word_end()],
            Domain::Mcp => vec![Class::byte(b'/')],
            Domain::Name => vec![],
        };
        if self.precision == Precision::Exact && self.has_text() {
            let bounds = [
                (0x80, 0x8f),
                (0x90, 0x9f),
                (0xa0, 0xbf),
                (0xc2, 0xdf),
                (0xe0, 0xe0),
                (0xe1, 0xef),
                (0xed, 0xed),
            ];
            classes.extend(bounds.map(|(low, high)| Class::bytes(low..=high)));
            classes.extend([
                Class::bytes(0xf0..=0xf0),
                Class::bytes(0xf1..=0xf3),
                Class::bytes(0xf4..=0xf4),
            ]);
        }
        classes
    }

    fn has_text(self) -> bool {
        match self.domain {
            Domain::Path | Domain::Argv | Domain::Name => true,
            Domain::Connect | Domain::Mcp => false,
        }
    }

    /// Whether a word may end here.
    pub(crate) fn accepts(self, state: State) -> bool {
        state.partial == Utf8::Complete
            && match (self.domain, state.at) {
                (Domain::Path, at) => {
                    matches!(at, Place::Start | Place::AfterVariable | Place::InSegment)
                }
                (Domain::Connect, at) => at == Place::AfterMethod,
                (Domain::Argv, at) => at == Place::AfterWord,
                (Domain::Mcp, at) => at == Place::InTool,
                (Domain::Name, at) => at == Place::InName,
            }
    }

    /// The state after `symbol`, if a real request can go on with it.
    pub(crate) fn step(self, state: State, symbol: Symbol) -> Option<State> {
        let byte = u8::try_from(symbol).ok();
        let partial = match byte {
            Some(byte) if self.precision == Precision::Exact && self.has_text() => {
                state.partial.step(byte)?
            }
            Some(_) => Utf8::Complete,
            None if state.partial == Utf8::Complete => Utf8::Complete,
            None => return None,
        };
        let at = match self.domain {
            Domain::Path => path_step(state.at, symbol, byte),
            Domain::Connect => connect_step(state.at, symbol, byte),
            Domain::Argv => argv_step(state.at, symbol, byte),
            Domain::Mcp => mcp_step(state.at, byte),
            Domain::Name => byte.filter(|byte| *byte != 0).map(|_| Place::InName),
        }?;
        let length = self.label_length(state.length, at)?;
        Some(State {
            at,
            partial,
            length,
        })
    }

    fn label_length(self, before: u8, at: Place) -> Option<u8> {
        if self.precision == Precision::Plain {
            return Some(0);
        }
        match at {
            Place::Digits | Place::Zero | Place::Hex | Place::Label => {
                Some(before + 1).filter(|length| usize::from(*length) <= MAX_LABEL)
            }
            Place::Start
            | Place::AfterVariable
            | Place::AfterSlash
            | Place::Dot
            | Place::DotDot
            | Place::InSegment
            | Place::InWord
            | Place::AfterWord
            | Place::AfterDot
            | Place::Octets4(_)
            | Place::Octets6(..)
            | Place::AfterPort
            | Place::AfterMethod
            | Place::InServer
            | Place::AfterServer
            | Place::InTool
            | Place::InName => Some(0),
        }
    }
}

impl Utf8 {
    fn step(self, byte: u8) -> Option<Self> {
        match (self, byte) {
            (Self::Complete, 0x00..=0x7f) | (Self::Last, 0x80..=0xbf) => Some(Self::Complete),
            (Self::Complete, 0xc2..=0xdf)
            | (Self::LastTwo, 0x80..=0xbf)
            | (Self::AfterE0, 0xa0..=0xbf)
            | (Self::AfterEd, 0x80..=0x9f) => Some(Self::Last),
            (Self::Complete, 0xe0) => Some(Self::AfterE0),
            (Self::Complete, 0xed) => Some(Self::AfterEd),
            (Self::Complete, 0xe1..=0xef)
            | (Self::LastThree, 0x80..=0xbf)
            | (Self::AfterF0, 0x90..=0xbf)
            | (Self::AfterF4, 0x80..=0x8f) => Some(Self::LastTwo),
            (Self::Complete, 0xf0) => Some(Self::AfterF0),
            (Self::Complete, 0xf1..=0xf3) => Some(Self::LastThree),
            (Self::Complete, 0xf4) => Some(Self::AfterF4),
            (_, _) => None,
        }
    }
}

fn path_step(at: Place, symbol: Symbol, byte: Option<u8>) -> Option<Place> {
    match (at, byte) {
        (Place::Start, None) if (VARIABLE..WORD_END).contains(&symbol) => {
            Some(Place::AfterVariable)
        }
        (Place::Start | Place::AfterVariable | Place::InSegment, Some(b'/')) => {
            Some(Place::AfterSlash)
        }
        (Place::AfterSlash, Some(b'.')) => Some(Place::Dot),
        (Place::Dot, Some(b'.')) => Some(Place::DotDot),
        (Place::AfterSlash | Place::Dot | Place::DotDot | Place::InSegment, Some(byte))
            if byte != 0 && byte != b'/' =>
        {
            Some(Place::InSegment)
        }
        (_, _) => None,
    }
}

fn argv_step(at: Place, symbol: Symbol, byte: Option<u8>) -> Option<Place> {
    match (at, byte) {
        (Place::Start | Place::InWord | Place::AfterWord, Some(byte)) if byte != 0 => {
            Some(Place::InWord)
        }
        (Place::InWord | Place::AfterWord, None) if symbol == WORD_END => Some(Place::AfterWord),
        (_, _) => None,
    }
}

fn mcp_step(at: Place, byte: Option<u8>) -> Option<Place> {
    match (at, byte?) {
        (Place::InServer, b'/') => Some(Place::AfterServer),
        (Place::Start | Place::InServer, byte) if is_name_byte(byte) => Some(Place::InServer),
        (Place::AfterServer | Place::InTool, byte) if is_name_byte(byte) => Some(Place::InTool),
        (_, _) => None,
    }
}

fn connect_step(at: Place, symbol: Symbol, byte: Option<u8>) -> Option<Place> {
    if let Some(byte) = byte {
        return name_step(at, byte);
    }
    match (at, symbol) {
        (Place::Start, V4) => Some(Place::Octets4(0)),
        (Place::Start, V6) => Some(Place::Octets6(0, true)),
        (Place::Octets4(read @ 0..4), OCTET4..OCTET6) => Some(Place::Octets4(read + 1)),
        (Place::Octets6(read @ 0..16, mapped), OCTET6..) => {
            octet6_step(read, mapped, u8::try_from(symbol - OCTET6).ok()?)
        }
        (Place::Label | Place::Octets4(4) | Place::Octets6(16, _), FIRST_PORT..) => {
            Some(Place::AfterPort)
        }
        (Place::AfterPort, NO_METHOD..OCTET4) => Some(Place::AfterMethod),
        (_, _) => None,
    }
}

/// An IPv4 address that is written as IPv6 is an IPv4 address, so no word spells it so.
fn octet6_step(read: u8, mapped: bool, octet: u8) -> Option<Place> {
    let mapped = mapped
        && match read {
            0..10 => octet == 0,
            10 | 11 => octet == 0xff,
            _ => false,
        };
    if mapped && read == 11 {
        None
    } else {
        Some(Place::Octets6(read + 1, mapped))
    }
}

/// The last label must not be a number, or the name would be read as an address.
fn name_step(at: Place, byte: u8) -> Option<Place> {
    match (at, byte) {
        (Place::Digits | Place::Zero | Place::Hex | Place::Label, b'.') => Some(Place::AfterDot),
        (Place::Start | Place::AfterDot, b'0') => Some(Place::Zero),
        (Place::Start | Place::AfterDot, b'1'..=b'9')
        | (Place::Digits | Place::Zero, b'0'..=b'9') => Some(Place::Digits),
        (Place::Zero, b'x') | (Place::Hex, b'0'..=b'9' | b'a'..=b'f') => Some(Place::Hex),
        (
            Place::Start
            | Place::AfterDot
            | Place::Digits
            | Place::Zero
            | Place::Hex
            | Place::Label,
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_',
        ) => Some(Place::Label),
        (_, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::algebra::sample::Sample;
    use crate::pattern::{Authority, CanonicalPath, McpName};

    fn is_valid(domain: Domain, word: impl IntoIterator<Item = Symbol>) -> bool {
        let valid = Valid {
            domain,
            precision: Precision::Exact,
        };
        let end = word
            .into_iter()
            .try_fold(Valid::START, |state, symbol| valid.step(state, symbol));
        end.is_some_and(|state| valid.accepts(state))
    }

    fn bytes(text: &[u8]) -> impl Iterator<Item = Symbol> {
        text.iter().map(|byte| Symbol::from(*byte))
    }

    proptest! {
        #[test]
        fn valid_paths_are_the_canonical_ones(text in "(/[a.é]{0,3}){0,3}") {
            let canonical = CanonicalPath::parse(if text.is_empty() { "/" } else { &text });
            prop_assert_eq!(is_valid(Domain::Path, bytes(text.as_bytes())), canonical.is_ok_and(|path| path.body() == text));
        }

        #[test]
        fn valid_names_of_hosts_are_the_canonical_ones(name in "[a0x1.-]{0,6}") {
            let word = bytes(name.as_bytes()).chain([PORT + 443, NO_METHOD]);
            let text = format!("{name}:443");
            let canonical = Authority::parse(&text).is_ok_and(|authority| authority.to_string() == text && authority.host() == &crate::pattern::Host::Name(name.clone()));
            prop_assert_eq!(is_valid(Domain::Connect, word), canonical);
        }

        #[test]
        fn valid_addresses_are_the_canonical_ones(address in any::<u128>(), mapped in any::<bool>()) {
            let address = if mapped { address & 0xffff_ffff | 0xffff_0000_0000 } else { address };
            let octets = address.to_be_bytes().map(|octet| OCTET6 + Symbol::from(octet));
            let word = [V6].into_iter().chain(octets).chain([PORT + 1, NO_METHOD]);
            prop_assert_eq!(is_valid(Domain::Connect, word), !mapped);
        }

        #[test]
        fn valid_mcp_names_are_the_ones_that_are_read(text in "[a/* ]{0,5}") {
            prop_assert_eq!(is_valid(Domain::Mcp, bytes(text.as_bytes())), McpName::parse(&text).is_ok());
        }

        #[test]
        fn valid_names_are_text(name in proptest::collection::vec(any::<u8>(), 1..5)) {
            let is_text = std::str::from_utf8(&name).is_ok_and(|text| !text.contains('\0'));
            prop_assert_eq!(is_valid(Domain::Name, bytes(&name)), is_text);
        }

        #[test]
        fn what_is_decoded_encodes_to_the_same_word(words in proptest::collection::vec("[aé ]{0,2}", 1..3)) {
            let sample = Sample::Argv(words);
            let word = sample.encode();
            if is_valid(Domain::Argv, word.iter().copied()) {
                prop_assert_eq!(Sample::decode(Domain::Argv, &word), Some(sample));
            }
        }
    }

    #[test]
    fn a_label_has_at_most_63_characters() {
        let word = |length: usize| {
            vec![Symbol::from(b'a'); length]
                .into_iter()
                .chain([PORT + 1, NO_METHOD])
        };
        assert!(is_valid(Domain::Connect, word(63)));
        assert!(!is_valid(Domain::Connect, word(64)));
    }
}
