//! `compiled-policy.bin`: the Compiled Policy in the form that the hook maps, without parsing.
//!
//! A header, one fixed-size record for each layer, rule, pattern and word, then the text that they point into.
//! Rules are sorted by layer, verb and language, so that a decision reads one contiguous run. Every
//! offset is checked when the file is opened: a truncated or foreign file is an error, never an answer.
//! What the bytes should be is the bundle's business, which holds their hash.

use std::collections::BTreeMap;
use std::fmt;

use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::decide::{MethodMatch, RuleView, Rulebook};
use crate::policy::{CompiledPolicy, FORMAT, Matcher, Obligations, RuleAt, RuleId};
use crate::request::exec::NormalPattern;
use crate::vocabulary::{Channel, Effect, Method, Verb};

const MAGIC: [u8; 8] = *b"TAPPASS\0";

/// Counts of the records that follow, in their order.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Header {
    magic: [u8; 8],
    format: U32,
    layers: U32,
    rules: U32,
    patterns: U32,
    normals: U32,
    words: U32,
    text: U32,
}

/// A piece of the text.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Piece {
    start: U32,
    length: U32,
}

/// A run of records.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Run {
    first: U32,
    count: U32,
}

#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct LayerRecord {
    name: Piece,
    rules: Run,
    root: U32,
}

#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct RuleRecord {
    id: U64,
    verb: u8,
    effect: u8,
    /// [`AUDIT`], [`DERIVED`], [`HAS_BECAUSE`], [`HAS_BY`], [`HAS_WITHIN`].
    flags: u8,
    /// One bit for each channel of a derived rule; none is every channel.
    channels: u8,
    /// One bit for each method; none is any method.
    methods: U16,
    unused: U16,
    language: Piece,
    because: Piece,
    by: Piece,
    within_ms: U64,
    patterns: Run,
    normals: Run,
}

const AUDIT: u8 = 1;
const DERIVED: u8 = 1 << 1;
const HAS_BECAUSE: u8 = 1 << 2;
const HAS_BY: u8 = 1 << 3;
const HAS_WITHIN: u8 = 1 << 4;

/// A normal pattern: runs of words. An option is its name, then its values up to the next name.
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct NormalRecord {
    command: Run,
    options: Run,
    operands: Run,
    rest: U32,
}

#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct WordRecord {
    text: Piece,
    /// 1 for the name of an option.
    names_option: U32,
}

/// A mapped policy that [`crate::decide::decide`] can be asked with.
#[derive(Debug, Clone, Copy)]
pub struct Keyring<'a> {
    layers: &'a [LayerRecord],
    rules: &'a [RuleRecord],
    patterns: &'a [Piece],
    normals: &'a [NormalRecord],
    words: &'a [WordRecord],
    text: &'a str,
}

/// Why bytes are not a keyring that this program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyringError {
    /// They do not begin as one.
    Foreign,
    /// Another version of the form.
    Format(u32),
    /// Shorter or longer than the header says.
    Length,
    /// A record points outside, or holds a value that no writer writes.
    Record,
    /// The text is not UTF-8.
    Text,
}

impl fmt::Display for KeyringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("not a compiled policy"),
            Self::Format(found) => write!(
                f,
                "a compiled policy of format {found}, but this program reads format {FORMAT}"
            ),
            Self::Length => f.write_str("a compiled policy of the wrong length"),
            Self::Record => f.write_str("a compiled policy with a damaged record"),
            Self::Text => f.write_str("a compiled policy whose text is not UTF-8"),
        }
    }
}

impl std::error::Error for KeyringError {}

/// The binary form. Equal policies give equal bytes.
pub fn write(policy: &CompiledPolicy) -> Vec<u8> {
    let mut writer = Writer::default();
    for (name, layer) in &policy.layers {
        let mut own: Vec<RuleAt<'_>> = policy.rules().filter(|at| at.layer == name).collect();
        own.sort_by_key(|at| (at.rule.matcher.verb(), at.language, at.rule.id));
        let first = writer.rules.len();
        for at in own {
            writer.rule(at);
        }
        let record = LayerRecord {
            name: writer.piece(name),
            rules: run(first, writer.rules.len()),
            root: U32::new(u32::from(layer.root)),
        };
        writer.layers.push(record);
    }
    writer.finish()
}

#[derive(Default)]
struct Writer<'a> {
    layers: Vec<LayerRecord>,
    rules: Vec<RuleRecord>,
    patterns: Vec<Piece>,
    normals: Vec<NormalRecord>,
    words: Vec<WordRecord>,
    text: String,
    /// Equal texts are stored once.
    pieces: BTreeMap<&'a str, Piece>,
}

impl<'a> Writer<'a> {
    fn piece(&mut self, text: &'a str) -> Piece {
        if let Some(piece) = self.pieces.get(text) {
            return *piece;
        }
        let piece = Piece {
            start: number(self.text.len()),
            length: number(text.len()),
        };
        self.text.push_str(text);
        self.pieces.insert(text, piece);
        piece
    }

    fn rule(&mut self, at: RuleAt<'a>) {
        let rule = at.rule;
        let duties = &rule.obligations;
        let flag = |holds: bool, flag: u8| if holds { flag } else { 0 };
        let channels = rule.derived.iter().flat_map(|derived| &derived.channels);
        let methods = match &rule.matcher {
            Matcher::Connect { methods, .. } => methods.as_slice(),
            Matcher::Listen { .. }
            | Matcher::Read { .. }
            | Matcher::Write { .. }
            | Matcher::Exec { .. }
            | Matcher::Tool { .. }
            | Matcher::Mcp { .. }
            | Matcher::Import { .. }
            | Matcher::Call { .. } => &[],
        };
        let record = RuleRecord {
            id: U64::new(rule.id.0),
            verb: index_of(Verb::ALL, rule.matcher.verb()),
            effect: index_of(Effect::ALL, rule.effect),
            flags: flag(duties.audit, AUDIT)
                | flag(rule.derived.is_some(), DERIVED)
                | flag(duties.because.is_some(), HAS_BECAUSE)
                | flag(duties.by.is_some(), HAS_BY)
                | flag(duties.within_ms.is_some(), HAS_WITHIN),
            channels: channels.fold(0, |bits, channel| {
                bits | 1 << index_of(Channel::ALL, *channel)
            }),
            methods: U16::new(
                methods
                    .iter()
                    .fold(0, |bits, method| bits | 1 << index_of(Method::ALL, *method)),
            ),
            unused: U16::ZERO,
            language: self.piece(at.language),
            because: self.piece(duties.because.as_deref().unwrap_or_default()),
            by: self.piece(duties.by.as_deref().unwrap_or_default()),
            within_ms: U64::new(duties.within_ms.unwrap_or_default()),
            patterns: self.patterns(&rule.matcher),
            normals: self.normals(&rule.matcher),
        };
        self.rules.push(record);
    }

    fn patterns(&mut self, matcher: &'a Matcher) -> Run {
        let first = self.patterns.len();
        for text in matcher.texts() {
            let piece = self.piece(text);
            self.patterns.push(piece);
        }
        run(first, self.patterns.len())
    }

    fn normals(&mut self, matcher: &'a Matcher) -> Run {
        let first = self.normals.len();
        if let Matcher::Exec { normal, .. } = matcher {
            for pattern in normal {
                let record = NormalRecord {
                    command: self.words(pattern.command.iter().map(|word| (word.as_str(), 0))),
                    options: self.words(pattern.options.iter().flat_map(|(name, values)| {
                        std::iter::once((name.as_str(), 1))
                            .chain(values.iter().map(|value| (value.as_str(), 0)))
                    })),
                    operands: self.words(pattern.operands.iter().map(|word| (word.as_str(), 0))),
                    rest: U32::new(u32::from(pattern.rest)),
                };
                self.normals.push(record);
            }
        }
        run(first, self.normals.len())
    }

    fn words(&mut self, words: impl Iterator<Item = (&'a str, u32)>) -> Run {
        let first = self.words.len();
        for (text, names_option) in words {
            let text = self.piece(text);
            self.words.push(WordRecord {
                text,
                names_option: U32::new(names_option),
            });
        }
        run(first, self.words.len())
    }

    fn finish(self) -> Vec<u8> {
        let header = Header {
            magic: MAGIC,
            format: U32::new(FORMAT),
            layers: number(self.layers.len()),
            rules: number(self.rules.len()),
            patterns: number(self.patterns.len()),
            normals: number(self.normals.len()),
            words: number(self.words.len()),
            text: number(self.text.len()),
        };
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend_from_slice(self.layers.as_bytes());
        bytes.extend_from_slice(self.rules.as_bytes());
        bytes.extend_from_slice(self.patterns.as_bytes());
        bytes.extend_from_slice(self.normals.as_bytes());
        bytes.extend_from_slice(self.words.as_bytes());
        bytes.extend_from_slice(self.text.as_bytes());
        bytes
    }
}

/// Sizes are 32 bits wide; a policy of 4 GiB is none. A saturated number fails every check on opening.
fn number(size: usize) -> U32 {
    U32::new(u32::try_from(size).unwrap_or(u32::MAX))
}

fn run(first: usize, end: usize) -> Run {
    Run {
        first: number(first),
        count: number(end - first),
    }
}

/// The place of a member in its closed set, none of which has 256 members.
fn index_of<T: PartialEq + Copy>(all: &[T], member: T) -> u8 {
    let index = all.iter().position(|other| *other == member);
    index
        .and_then(|index| u8::try_from(index).ok())
        .unwrap_or(u8::MAX)
}

impl<'a> Keyring<'a> {
    /// Opens the binary form and checks every record, so that no later step can meet a bad one.
    pub fn read(bytes: &'a [u8]) -> Result<Self, KeyringError> {
        let (header, rest) = Header::ref_from_prefix(bytes).map_err(|_| KeyringError::Foreign)?;
        if header.magic != MAGIC {
            return Err(KeyringError::Foreign);
        }
        if header.format.get() != FORMAT {
            return Err(KeyringError::Format(header.format.get()));
        }
        let (layers, rest) = table(rest, header.layers)?;
        let (rules, rest) = table(rest, header.rules)?;
        let (patterns, rest) = table(rest, header.patterns)?;
        let (normals, rest) = table(rest, header.normals)?;
        let (words, rest) = table(rest, header.words)?;
        if rest.len() != size(header.text) {
            return Err(KeyringError::Length);
        }
        let text = std::str::from_utf8(rest).map_err(|_| KeyringError::Text)?;
        let keyring = Self {
            layers,
            rules,
            patterns,
            normals,
            words,
            text,
        };
        if keyring.is_sound() {
            Ok(keyring)
        } else {
            Err(KeyringError::Record)
        }
    }

    fn is_sound(&self) -> bool {
        let text = |piece: &Piece| self.text_at(*piece).is_some();
        let within = |run: &Run, length: usize| {
            size(run.first)
                .checked_add(size(run.count))
                .is_some_and(|end| end <= length)
        };
        let words = |run: &Run| within(run, self.words.len());
        self.layers.iter().all(|layer| {
            text(&layer.name) && layer.root.get() <= 1 && within(&layer.rules, self.rules.len())
        }) && self.rules.iter().all(|rule| {
            Verb::ALL.get(usize::from(rule.verb)).is_some()
                && Effect::ALL.get(usize::from(rule.effect)).is_some()
                && [&rule.language, &rule.because, &rule.by]
                    .into_iter()
                    .all(text)
                && within(&rule.patterns, self.patterns.len())
                && within(&rule.normals, self.normals.len())
        }) && self.patterns.iter().all(text)
            && self.normals.iter().all(|normal| {
                words(&normal.command) && words(&normal.options) && words(&normal.operands)
            })
            && self.words.iter().all(|word| text(&word.text))
    }

    fn text_at(&self, piece: Piece) -> Option<&'a str> {
        let start = size(piece.start);
        self.text.get(start..start.checked_add(size(piece.length))?)
    }

    fn rules_at(&self, layer: &LayerRecord) -> &'a [RuleRecord] {
        slice(self.rules, layer.rules)
    }

    fn normal(&self, record: &NormalRecord) -> NormalPattern {
        let texts = |run: Run| -> Vec<String> {
            slice(self.words, run)
                .iter()
                .filter_map(|word| self.text_at(word.text))
                .map(str::to_owned)
                .collect()
        };
        let mut options: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut name = String::new();
        for word in slice(self.words, record.options) {
            let text = self.text_at(word.text).unwrap_or_default().to_owned();
            if word.names_option.get() == 1 {
                name.clone_from(&text);
                options.entry(text).or_default();
            } else {
                options.entry(name.clone()).or_default().push(text);
            }
        }
        NormalPattern {
            command: texts(record.command),
            options,
            operands: texts(record.operands),
            rest: record.rest.get() == 1,
        }
    }
}

fn size(number: U32) -> usize {
    // Every machine that runs this has pointers of at least 32 bits.
    usize::try_from(number.get()).unwrap_or(usize::MAX)
}

fn slice<T>(all: &[T], run: Run) -> &[T] {
    let first = size(run.first);
    all.get(first..first.saturating_add(size(run.count)))
        .unwrap_or_default()
}

fn table<T: FromBytes + KnownLayout + Immutable + Unaligned>(
    bytes: &[u8],
    count: U32,
) -> Result<(&[T], &[u8]), KeyringError> {
    <[T]>::ref_from_prefix_with_elems(bytes, size(count)).map_err(|_| KeyringError::Length)
}

impl Rulebook for Keyring<'_> {
    fn layers(&self) -> impl Iterator<Item = (&str, bool)> {
        self.layers.iter().map(|layer| {
            (
                self.text_at(layer.name).unwrap_or_default(),
                layer.root.get() == 1,
            )
        })
    }

    fn rules<'b>(
        &'b self,
        layer: &'b str,
        verb: Verb,
        language: &'b str,
    ) -> impl Iterator<Item = impl RuleView + 'b> {
        let verb = index_of(Verb::ALL, verb);
        let of_layer = self
            .layers
            .iter()
            .filter(move |record| self.text_at(record.name) == Some(layer));
        of_layer
            .flat_map(move |record| {
                let rules = self.rules_at(record);
                // Rules are sorted by verb first, so one verb's are found by halving.
                let start = rules.partition_point(|rule| rule.verb < verb);
                rules
                    .get(start..)
                    .unwrap_or_default()
                    .iter()
                    .take_while(move |rule| rule.verb == verb)
            })
            .filter(move |rule| self.text_at(rule.language) == Some(language))
            .map(|record| MappedRule {
                keyring: self,
                record,
            })
    }
}

struct MappedRule<'a> {
    keyring: &'a Keyring<'a>,
    record: &'a RuleRecord,
}

impl MappedRule<'_> {
    fn has(&self, flag: u8) -> bool {
        self.record.flags & flag != 0
    }

    fn text(&self, piece: Piece) -> String {
        self.keyring.text_at(piece).unwrap_or_default().to_owned()
    }
}

impl RuleView for MappedRule<'_> {
    fn id(&self) -> RuleId {
        RuleId(self.record.id.get())
    }

    fn effect(&self) -> Effect {
        // Opening checked the value; what could not be read denies.
        Effect::ALL
            .get(usize::from(self.record.effect))
            .copied()
            .unwrap_or(Effect::Deny)
    }

    fn written(&self) -> bool {
        !self.has(DERIVED)
    }

    fn holds_on(&self, channel: Option<Channel>) -> bool {
        let bits = self.record.channels;
        !self.has(DERIVED)
            || bits == 0
            || channel.is_some_and(|channel| bits & (1 << index_of(Channel::ALL, channel)) != 0)
    }

    fn obligations(&self) -> Obligations {
        Obligations {
            because: self
                .has(HAS_BECAUSE)
                .then(|| self.text(self.record.because)),
            audit: self.has(AUDIT),
            by: self.has(HAS_BY).then(|| self.text(self.record.by)),
            within_ms: self.has(HAS_WITHIN).then(|| self.record.within_ms.get()),
        }
    }

    fn methods(&self, method: Option<Method>) -> MethodMatch {
        let bits = self.record.methods.get();
        match method {
            _ if bits == 0 => MethodMatch::Inside,
            None => MethodMatch::Invisible,
            Some(method) if bits & (1 << index_of(Method::ALL, method)) != 0 => MethodMatch::Inside,
            Some(_) => MethodMatch::Outside,
        }
    }

    fn any_pattern(&self, test: &dyn Fn(&str) -> bool) -> bool {
        slice(self.keyring.patterns, self.record.patterns)
            .iter()
            .filter_map(|piece| self.keyring.text_at(*piece))
            .any(test)
    }

    fn any_normal(&self, test: &dyn Fn(&NormalPattern) -> bool) -> bool {
        slice(self.keyring.normals, self.record.normals)
            .iter()
            .any(|record| test(&self.keyring.normal(record)))
    }
}
