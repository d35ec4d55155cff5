//! What `build` writes for one runtime, complete in itself: the machine that enforces sees nothing else.
//!
//! The bytes of an artifact may hold placeholders such as `{project}`, which the host replaces when it
//! applies the bundle. Same policy, same runtime, same bytes, on every machine.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::policy::{RuleId, hex};
use crate::vocabulary::{Channel, Platform, Ring, ToolKind};

/// One file that a tool reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Relative to the provider's folder in the bundle; never absolute, never with `..`.
    pub path: String,
    /// Where the host puts it: begins with a named root such as `{managed}` or `{home}`.
    pub target: String,
    /// The exact content.
    pub content: String,
    /// Permission bits.
    pub mode: u32,
    /// Who owns it on the machine.
    pub owner: Owner,
    /// How a change of it takes effect.
    pub update: UpdateModel,
}

/// Who owns an applied artifact.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    /// The machine's administrator; the agent cannot change it.
    Root,
    /// The sandbox's own user.
    Sandbox,
}

/// How a changed artifact takes effect.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum UpdateModel {
    /// The tool reads the file again by itself after it is renamed over.
    Rewrite,
    /// The tool reads it at its start only.
    Restart,
    /// The next execution reads it.
    ReImport,
    /// It is in force the moment it is written.
    Live,
}

/// What a provider hands over: its files, its environment, and which line carries which rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Emission {
    /// The files, sorted by path.
    pub artifacts: Vec<Artifact>,
    /// What the host does to the environment of the agent.
    pub environment: Environment,
    /// Where each rule ended up.
    pub carried: BTreeMap<RuleId, BTreeSet<Pointer>>,
    /// Facts that the host must check on the machine before it reports the artifact in force.
    pub assumptions: BTreeSet<String>,
    /// What the hook must know of the harness; only harness providers have it.
    pub harness: Option<HarnessMap>,
}

/// A line of an artifact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pointer {
    /// The artifact's path in the provider's folder.
    pub artifact: String,
    /// A JSON pointer (RFC 6901) into it.
    pub pointer: String,
}

/// What the host does to the environment of the agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    /// Variables to set.
    pub set: BTreeMap<String, String>,
    /// Variables to remove, because they would defeat an artifact. A trailing `*` stands for any suffix.
    pub scrub: BTreeSet<String>,
    /// Variables that the agent's commands must not see.
    pub hide: BTreeSet<String>,
}

impl Environment {
    /// Both together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.set.extend(other.set);
        self.scrub.extend(other.scrub);
        self.hide.extend(other.hide);
        self
    }
}

/// `harness.json`: how the hook reads one harness's tool calls. Data, so that the host holds no code
/// of any harness but its answer format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HarnessMap {
    /// The format of this file.
    pub format: u32,
    /// The provider's id, which also names the answer format.
    pub harness: String,
    /// The harness's own tools by name.
    pub tools: BTreeMap<String, ToolMap>,
    /// How MCP tools are named: prefix, separator. A tool that neither this nor `tools` explains is `other`.
    pub mcp: Option<McpNaming>,
}

/// How one tool's input is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolMap {
    /// Its harness-neutral kind.
    pub kind: ToolKind,
    /// The input field that holds a shell line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The input field that holds a path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Whether an absent path means the working directory; if not, an absent path is refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub path_defaults_to_directory: bool,
    /// The input field that holds a URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The channel on which the tool acts.
    pub channel: Channel,
}

/// How a harness spells the name of an MCP server's tool: `mcp__server__tool`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct McpNaming {
    /// What the name begins with.
    pub prefix: String,
    /// What stands between server and tool.
    pub separator: String,
}

/// `bundle.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The format of this file.
    pub format: u32,
    /// The runtime.
    pub runtime: String,
    /// The policy.
    pub policy: String,
    /// SHA-256 of `compiled-policy.json`.
    pub policy_sha256: String,
    /// The platform.
    pub platform: Platform,
    /// Every file of the bundle but this one, by its path in the bundle.
    pub files: BTreeMap<String, FileEntry>,
    /// The environment of the agent.
    pub environment: Environment,
    /// Facts that the host must check.
    pub assumptions: BTreeSet<String>,
}

/// One file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// SHA-256 of the content as it stands in the bundle.
    pub sha256: String,
    /// How it is applied; absent for the files that the host itself reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apply: Option<Apply>,
}

/// How an artifact is applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Apply {
    /// The ring.
    pub ring: Ring,
    /// The provider.
    pub provider: String,
    /// The version of the tool that the artifact is written for.
    pub tool_version: String,
    /// Where it goes.
    pub target: String,
    /// Permission bits, in octal.
    pub mode: String,
    /// Who owns it.
    pub owner: Owner,
    /// How a change takes effect.
    pub update: UpdateModel,
}

/// SHA-256 in hexadecimal.
pub fn sha256(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

/// JSON with sorted keys, two spaces and one final newline: the form of every JSON file that we write.
pub fn to_stable_json(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(&serde_json::to_value(value)?)?;
    text.push('\n');
    Ok(text)
}
