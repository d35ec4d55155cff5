//! `landlock.json` (landlockconfig 0.1.0) and `egress.json` (ours), as far as we write them.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Landlock {
    pub(super) abi: u32,
    pub(super) ruleset: Vec<Ruleset>,
    pub(super) path_beneath: Vec<PathBeneath>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Ruleset {
    pub(super) handled_access_fs: Vec<String>,
    pub(super) scoped: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PathBeneath {
    pub(super) allowed_access: Vec<String>,
    pub(super) parent: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Egress {
    pub(super) format: u32,
    /// Judged first, each by the language's own host patterns.
    pub(super) deny: Vec<EgressRule>,
    pub(super) allow: Vec<EgressRule>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EgressRule {
    pub(super) host: String,
    /// Binds where the method is visible; empty is any.
    pub(super) methods: Vec<tappass_ir::vocabulary::Method>,
}
