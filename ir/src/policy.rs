//! The Compiled Policy: one value that every provider, the hook and the reports read.
//!
//! It is a function of a policy and a runtime. It is organised by aspect, never by enforcement
//! position, and keeps the layers (the policy and its ancestors) side by side: [`crate::decide`]
//! takes the strictest over them. It holds no place in a file, so that a
//! reformat changes no byte of it; whoever compiled it keeps the places by rule id.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::pattern::{ArgvPattern, HostPattern, McpPattern, NamePattern, PathPattern};
use crate::request::exec::NormalPattern;
use crate::vocabulary::{Aspect, Channel, Effect, Meter, Method, Platform, Verb};

/// The version of the JSON and binary forms; a reader refuses any other.
pub const FORMAT: u32 = 1;

/// One policy, layered and expanded, for one runtime on one platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompiledPolicy {
    /// Always [`FORMAT`].
    pub format: u32,
    /// The policy that was compiled.
    pub policy: String,
    /// The runtime that it was compiled for; without one there are no derived rules.
    pub runtime: Option<String>,
    /// The platform that the derived baseline belongs to.
    pub platform: Platform,
    /// The policy and all its ancestors, each once.
    pub layers: BTreeMap<LayerName, Layer>,
    /// Who the agent acts for, from the most specific layer that says so.
    pub identity: BTreeMap<String, String>,
    /// `connect` and `listen`.
    pub network: Rules,
    /// `read` and `write`.
    pub filesystem: Rules,
    /// `exec`, `tool` and `mcp`.
    pub tools: Rules,
    /// `import` and `call`, with their limits, by language.
    pub interpreter: BTreeMap<String, Interpreter>,
    /// Limits on tokens, spend and calls.
    pub budget: Limits,
    /// The union of all layers' tags.
    pub compliance_tags: BTreeSet<String>,
    /// Gaps that somebody decided to live with, and why.
    pub accepted_gaps: BTreeMap<String, String>,
}

/// The name of a policy that takes part in a decision.
pub type LayerName = String;

/// Rules by layer, in the order of their ids.
pub type Rules = BTreeMap<LayerName, Vec<Rule>>;

/// Limits by layer, sorted.
pub type Limits = BTreeMap<LayerName, Vec<Limit>>;

/// How a layer takes part in a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// A root denies what it does not mention; a narrowing layer inherits a verb for which it has
    /// neither an allow nor an ask rule of its own.
    pub root: bool,
}

/// What one language's interpreter may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Interpreter {
    /// `import` and `call` rules.
    pub rules: Rules,
    /// Limits on memory, time, allocations and recursion.
    pub limits: Limits,
}

/// One effect on the requests that one set of patterns matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable across reorderings and reformattings: a function of content and layer.
    pub id: RuleId,
    /// What the rule says.
    pub effect: Effect,
    /// The requests that it speaks of.
    #[serde(rename = "match")]
    pub matcher: Matcher,
    /// Duties that travel with the decision.
    #[serde(default, skip_serializing_if = "Obligations::is_empty")]
    pub obligations: Obligations,
    /// Present on rules that nobody wrote: what the runtime itself needs in order to work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derived: Option<Derived>,
}

/// The identity of a rule: 16 hexadecimal digits of the SHA-256 of its content and layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u64);

/// Patterns with the verb that fixes their type. A rule matches if any of its patterns does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Matcher {
    /// Open a connection.
    Connect {
        /// Hosts and ports.
        patterns: Vec<HostPattern>,
        /// Restricts the rule to these methods; empty is any.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        methods: Vec<Method>,
    },
    /// Accept connections on an address.
    Listen {
        /// Addresses and ports.
        patterns: Vec<HostPattern>,
    },
    /// Read content or list a directory.
    Read {
        /// Paths.
        patterns: Vec<PathPattern>,
    },
    /// Change content or directory entries.
    Write {
        /// Paths.
        patterns: Vec<PathPattern>,
    },
    /// Run a command from a shell line.
    Exec {
        /// Command patterns.
        patterns: Vec<ArgvPattern>,
        /// On ask and deny: the same patterns without the choices of spelling.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        normal: Vec<NormalPattern>,
    },
    /// Use a kind of tool, or one harness's tool.
    Tool {
        /// Kinds, or `harness:Tool`.
        patterns: Vec<NamePattern>,
    },
    /// Call an MCP server's tool.
    Mcp {
        /// `server/tool`.
        patterns: Vec<McpPattern>,
    },
    /// Import a module.
    Import {
        /// Module names.
        patterns: Vec<NamePattern>,
    },
    /// Call a function of the host.
    Call {
        /// Function names.
        patterns: Vec<NamePattern>,
    },
}

/// Duties that travel with a decision.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Obligations {
    /// The reason, for the people and the agent that meet the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Each decision is recorded.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub audit: bool,
    /// The group that may approve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// How long an approval may take, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_ms: Option<u64>,
}

/// Why a rule exists that nobody wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Derived {
    /// What needs it, in a few words.
    pub reason: String,
    /// The channels on which it holds; empty is every channel.
    pub channels: BTreeSet<Channel>,
}

/// A ceiling on what a meter counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// What is counted.
    pub meter: Meter,
    /// The unit of `amount`; limits of different units do not compare.
    pub unit: LimitUnit,
    /// The window, absent for a ceiling that does not refill.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// In the smallest unit: bytes, milliseconds, millionths of a currency, or a count.
    pub amount: u64,
    /// What happens at the ceiling.
    pub then: Effect,
}

/// The unit in which a limit's amount stands.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum LimitUnit {
    /// A plain number.
    Count,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Milliseconds,
    /// Millionths of a US dollar.
    MicroUsd,
    /// Millionths of a euro.
    MicroEur,
}

/// The window in which a limit counts.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Period {
    /// Sixty seconds.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A calendar month.
    Month,
}

impl CompiledPolicy {
    /// A policy with no layer, which denies everything.
    pub fn empty(policy: impl Into<String>, platform: Platform) -> Self {
        Self {
            format: FORMAT,
            policy: policy.into(),
            runtime: None,
            platform,
            layers: BTreeMap::new(),
            identity: BTreeMap::new(),
            network: Rules::new(),
            filesystem: Rules::new(),
            tools: Rules::new(),
            interpreter: BTreeMap::new(),
            budget: Limits::new(),
            compliance_tags: BTreeSet::new(),
            accepted_gaps: BTreeMap::new(),
        }
    }

    /// The one canonical byte form: sorted keys, no insignificant space, one final newline.
    pub fn to_canonical_json(&self) -> Result<String, serde_json::Error> {
        crate::bundle::to_stable_json(self)
    }

    /// Reads the canonical form back; an unknown field or another format is an error.
    pub fn from_json(text: &str) -> Result<Self, PolicyError> {
        let policy: Self = serde_json::from_str(text).map_err(PolicyError::Json)?;
        if policy.format == FORMAT {
            Ok(policy)
        } else {
            Err(PolicyError::Format(policy.format))
        }
    }

    /// SHA-256 of the canonical form, as 64 hexadecimal digits.
    pub fn content_address(&self) -> Result<String, serde_json::Error> {
        Ok(hex(&Sha256::digest(self.to_canonical_json()?.as_bytes())))
    }

    /// Every rule with its layer and, for `import` and `call`, its language; in a stable order.
    pub fn rules(&self) -> impl Iterator<Item = RuleAt<'_>> {
        let plain = [&self.network, &self.filesystem, &self.tools]
            .into_iter()
            .map(|rules| (rules, ""));
        let interpreted = self
            .interpreter
            .iter()
            .map(|(language, it)| (&it.rules, language.as_str()));
        plain.chain(interpreted).flat_map(|(rules, language)| {
            rules.iter().flat_map(move |(layer, rules)| {
                rules.iter().map(move |rule| RuleAt {
                    layer,
                    language,
                    rule,
                })
            })
        })
    }

    /// The rules of one verb.
    pub fn rules_of(&self, verb: Verb) -> impl Iterator<Item = RuleAt<'_>> {
        self.rules()
            .filter(move |at| at.rule.matcher.verb() == verb)
    }

    /// Whether any layer says anything about an aspect, derived rules apart.
    pub fn mentions(&self, aspect: Aspect) -> bool {
        let written = |rules: &Rules| rules.values().flatten().any(|rule| rule.derived.is_none());
        match aspect {
            Aspect::Identity => !self.identity.is_empty(),
            Aspect::Network => written(&self.network),
            Aspect::Filesystem => written(&self.filesystem),
            Aspect::Tools => written(&self.tools),
            Aspect::Interpreter => !self.interpreter.is_empty(),
            Aspect::Budget => self.budget.values().any(|limits| !limits.is_empty()),
            Aspect::ComplianceTags => {
                !self.compliance_tags.is_empty() || self.rules().any(|at| at.rule.obligations.audit)
            }
        }
    }

    /// The limits that hold over all layers: the least amount for each meter, period and unit, and the
    /// strictest consequence.
    pub fn effective_limits(&self, aspect: Aspect) -> Vec<Limit> {
        let mut least: BTreeMap<(Meter, LimitUnit, Option<Period>), Limit> = BTreeMap::new();
        let interpreted = self.interpreter.values().flat_map(|it| it.limits.values());
        for limit in self.budget.values().chain(interpreted).flatten() {
            if limit.meter.aspect() != aspect {
                continue;
            }
            let held = least
                .entry((limit.meter, limit.unit, limit.period))
                .or_insert_with(|| limit.clone());
            held.amount = held.amount.min(limit.amount);
            held.then = held.then.max(limit.then);
        }
        least.into_values().collect()
    }
}

/// A rule in its place.
#[derive(Debug, Clone, Copy)]
pub struct RuleAt<'a> {
    /// The layer that holds it.
    pub layer: &'a str,
    /// The language, for `import` and `call`; empty otherwise.
    pub language: &'a str,
    /// The rule.
    pub rule: &'a Rule,
}

/// Why a text is not a Compiled Policy.
#[derive(Debug)]
pub enum PolicyError {
    /// Not the JSON form.
    Json(serde_json::Error),
    /// Another version of the form.
    Format(u32),
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json(error) => write!(f, "not a compiled policy: {error}"),
            Self::Format(found) => {
                write!(
                    f,
                    "compiled policy of format {found}, but this program reads format {FORMAT}: build it again"
                )
            }
        }
    }
}

impl std::error::Error for PolicyError {}

impl Rule {
    /// A rule of `layer`, with the id that its content gives it.
    pub fn new(
        layer: &str,
        effect: Effect,
        matcher: Matcher,
        obligations: Obligations,
        derived: Option<Derived>,
    ) -> Self {
        let mut rule = Self {
            id: RuleId(0),
            effect,
            matcher,
            obligations,
            derived,
        };
        rule.id = RuleId::of(layer, &rule);
        rule
    }

    /// Whether the rule holds on `channel`. A request without a channel is judged by the strictest
    /// channel, on which a derived rule of some channels only does not hold.
    pub fn holds_on(&self, channel: Option<Channel>) -> bool {
        let Some(derived) = &self.derived else {
            return true;
        };
        derived.channels.is_empty()
            || channel.is_some_and(|channel| derived.channels.contains(&channel))
    }
}

impl RuleId {
    fn of(layer: &str, rule: &Rule) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(layer.as_bytes());
        hasher.update([0]);
        // Writing to a hasher cannot fail, and no type in a rule has a fallible serialisation.
        if serde_json::to_writer(HashWriter(&mut hasher), rule).is_err() {
            return Self(0);
        }
        let digest = hasher.finalize();
        Self(
            digest
                .iter()
                .take(8)
                .fold(0, |id, byte| id << 8 | u64::from(*byte)),
        )
    }
}

struct HashWriter<'a>(&'a mut Sha256);

impl std::io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Serialize for RuleId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RuleId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let well_formed = text.len() == 16
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        match u64::from_str_radix(&text, 16) {
            Ok(id) if well_formed => Ok(Self(id)),
            _ => Err(serde::de::Error::custom(
                "a rule id is 16 lower-case hexadecimal digits",
            )),
        }
    }
}

impl JsonSchema for RuleId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RuleId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9a-f]{16}$" })
    }
}

impl Matcher {
    /// The verb that these patterns belong to.
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Connect { .. } => Verb::Connect,
            Self::Listen { .. } => Verb::Listen,
            Self::Read { .. } => Verb::Read,
            Self::Write { .. } => Verb::Write,
            Self::Exec { .. } => Verb::Exec,
            Self::Tool { .. } => Verb::Tool,
            Self::Mcp { .. } => Verb::Mcp,
            Self::Import { .. } => Verb::Import,
            Self::Call { .. } => Verb::Call,
        }
    }

    /// The patterns as they are written, in order.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Connect { patterns, .. } | Self::Listen { patterns } => {
                patterns.iter().map(HostPattern::as_str).collect()
            }
            Self::Read { patterns } | Self::Write { patterns } => {
                patterns.iter().map(PathPattern::as_str).collect()
            }
            Self::Exec { patterns, .. } => patterns.iter().map(ArgvPattern::as_str).collect(),
            Self::Mcp { patterns } => patterns.iter().map(McpPattern::as_str).collect(),
            Self::Tool { patterns } | Self::Import { patterns } | Self::Call { patterns } => {
                patterns.iter().map(NamePattern::as_str).collect()
            }
        }
    }
}

impl Obligations {
    /// Whether nothing is owed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
}
