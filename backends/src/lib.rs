//! One provider per tool: a pure translator from the Compiled Policy to the tool's own files, with a
//! model that reads those files back as the tool does.
//!
//! A provider knows the policy and its surroundings ([`Context`]), and nothing of source text. It does
//! no IO and sees neither clock nor environment. What it cannot express is not an error: the model says
//! what the artifact does, and the verdicts follow.

mod baseline;
mod claude_code;
mod landlock;
mod nono;
mod placeholder;
mod sdk_direct;

use std::fmt;

use tappass_ir::bundle::{Artifact, Emission};
use tappass_ir::pattern::Authority;
use tappass_ir::policy::CompiledPolicy;
use tappass_ir::target::{Evidence, Mechanism, Strength};
use tappass_ir::vocabulary::{Aspect, Channel, Platform, Ring, Verb};

/// Every provider, sorted by id.
pub const PROVIDERS: &[&dyn Provider] = &[
    &claude_code::ClaudeCode,
    &landlock::Landlock,
    &nono::Nono,
    &sdk_direct::SdkDirect,
];

/// Ids that a runtime may name though no provider is written for them: they enforce nothing, and say so.
pub const PLANNED: &[(Ring, &str)] = &[
    (Ring::Harness, "codex"),
    (Ring::Harness, "cursor"),
    (Ring::Harness, "element-bot"),
    (Ring::Harness, "gemini-cli"),
    (Ring::Harness, "kimi-code"),
    (Ring::Harness, "librechat"),
    (Ring::Harness, "opencode"),
    (Ring::Kernel, "docker"),
    (Ring::Kernel, "firecracker"),
    (Ring::Kernel, "gvisor"),
    (Ring::Kernel, "k8s"),
    (Ring::Kernel, "openshell"),
    (Ring::Kernel, "seatbelt"),
    (Ring::Kernel, "srt"),
    (Ring::Kernel, "tee"),
    (Ring::Interpreter, "monty"),
    (Ring::Gateway, "llm-gateway-anthropic"),
    (Ring::Gateway, "llm-gateway-multi"),
    (Ring::Gateway, "llm-gateway-openai"),
    (Ring::Broker, "mcp-broker"),
];

/// Other spellings of a provider's id, which a runtime may use with a lint.
pub const ALIASES: &[(&str, &str)] = &[
    ("crewai", "sdk-direct"),
    ("generic", "sdk-direct"),
    ("kimi", "kimi-code"),
    ("langchain-react", "sdk-direct"),
];

/// A translator for one tool.
pub trait Provider: Sync {
    /// The id that a runtime names.
    fn id(&self) -> &'static str;

    /// The ring that it stands in.
    fn ring(&self) -> Ring;

    /// The tool that it writes for.
    fn tool(&self) -> Tool;

    /// What it can enforce at most, by aspect and channel. The verdicts never exceed it.
    fn claims(&self) -> &'static [Claim];

    /// Grants that the tool needs in order to work at all, or makes whatever its configuration says.
    fn baseline(&self, context: &Context<'_>) -> Vec<BaselineGrant>;

    /// The tool's files for `policy`.
    fn emit(&self, policy: &CompiledPolicy, context: &Context<'_>) -> Emission;

    /// Reads emitted files as the tool does. The result knows nothing of the policy.
    fn model(
        &self,
        artifacts: &[Artifact],
        context: &Context<'_>,
    ) -> Result<Vec<Mechanism>, Unreadable>;
}

/// What surrounds a provider.
#[derive(Debug, Clone)]
pub struct Context<'a> {
    /// The operating system.
    pub platform: Platform,
    /// The provider's id in each ring that the runtime fills, planned ones included.
    pub rings: &'a [(Ring, String)],
    /// The gateway's address where the runtime says `at "..."`.
    pub gateway: Option<&'a str>,
    /// The broker's address where the runtime says `at "..."`.
    pub broker: Option<&'a str>,
    /// MCP servers that the project declares, by name.
    pub servers: &'a [Server],
    /// The harness's name where no provider knows it.
    pub unknown_harness: Option<&'a str>,
}

/// An MCP server as the project declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its name in `mcp` patterns.
    pub name: String,
    /// How it is reached.
    pub reach: Reach,
}

/// How an MCP server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Over HTTP.
    Url(String),
    /// Started as a child process, with its arguments.
    Command(Vec<String>),
}

/// The tool that a provider writes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tool {
    /// Its name as its makers write it.
    pub name: &'static str,
    /// The version that the provider was checked with.
    pub version: &'static str,
    /// Where the facts come from.
    pub source: &'static str,
}

/// The most that a provider can do for an aspect on some channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// The aspect.
    pub aspect: Aspect,
    /// The mechanism that does it.
    pub mechanism: &'static str,
    /// The verbs that it covers.
    pub verbs: &'static [Verb],
    /// The channels on which it covers them.
    pub channels: &'static [Channel],
    /// Whether the agent can get round it.
    pub strength: Strength,
    /// How it is known.
    pub evidence: Evidence,
    /// What it does, and what it cannot, in one line.
    pub note: &'static str,
}

/// A grant that the runtime itself needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaselineGrant {
    /// What needs it.
    pub reason: &'static str,
    /// `read`, `write`, `connect` or `listen`.
    pub verb: Verb,
    /// In the language's own pattern syntax.
    pub patterns: Vec<String>,
    /// Where it holds; empty is everywhere.
    pub channels: &'static [Channel],
}

/// Why a model cannot read an artifact. A provider whose own output it cannot read enforces nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Which artifact.
    pub artifact: String,
    /// What is wrong with it.
    pub detail: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.artifact, self.detail)
    }
}

impl std::error::Error for Unreadable {}

impl fmt::Debug for dyn Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Context<'_> {
    /// The provider's id in `ring`, if the runtime fills it.
    pub fn provider(&self, ring: Ring) -> Option<&str> {
        self.rings
            .iter()
            .find(|(filled, _)| *filled == ring)
            .map(|(_, id)| id.as_str())
    }

    /// Whether the kernel ring stands on Landlock, inside which a second sandbox cannot start.
    pub fn inside_landlock(&self) -> bool {
        matches!(self.provider(Ring::Kernel), Some("landlock" | "nono"))
    }
}

/// The provider with this id or alias.
pub fn provider(id: &str) -> Option<&'static dyn Provider> {
    let id = ALIASES
        .iter()
        .find(|(alias, _)| *alias == id)
        .map_or(id, |(_, id)| *id);
    PROVIDERS
        .iter()
        .copied()
        .find(|provider| provider.id() == id)
}

/// The ring of an id for which no provider is written.
pub fn planned(id: &str) -> Option<Ring> {
    let id = ALIASES
        .iter()
        .find(|(alias, _)| *alias == id)
        .map_or(id, |(_, id)| *id);
    PLANNED
        .iter()
        .find(|(_, planned)| *planned == id)
        .map(|(ring, _)| *ring)
}

/// The host under which rules and models speak of a gateway whose address the host binds.
pub const GATEWAY_NAME: &str = "gateway.tappass.internal";

/// The host under which rules and models speak of a broker whose address the host binds.
pub const BROKER_NAME: &str = "broker.tappass.internal";

impl Context<'_> {
    /// The gateway as a host pattern; absent without a gateway ring.
    pub fn gateway_host(&self) -> Option<String> {
        self.provider(Ring::Gateway)?;
        Some(host_of(self.gateway, GATEWAY_NAME))
    }

    /// The broker as a host pattern; absent without a broker ring.
    pub fn broker_host(&self) -> Option<String> {
        self.provider(Ring::Broker)?;
        Some(host_of(self.broker, BROKER_NAME))
    }
}

fn host_of(address: Option<&str>, symbolic: &str) -> String {
    let parsed = address.and_then(|address| Authority::parse(address).ok());
    parsed.map_or_else(|| symbolic.to_owned(), |authority| authority.to_string())
}
