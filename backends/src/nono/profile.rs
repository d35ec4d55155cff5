//! `profile.json` of nono 0.81.0, as far as we write it. Reading is strict, as the tool's own is.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    /// `null`: nothing is inherited by name; the tool's base groups apply all the same.
    pub(super) extends: Option<String>,
    pub(super) meta: Meta,
    pub(super) groups: Groups,
    pub(super) filesystem: Filesystem,
    pub(super) network: Network,
    pub(super) environment: EnvironmentFilter,
    pub(super) workdir: Workdir,
    pub(super) security: Security,
    pub(super) linux: Linux,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Meta {
    pub(super) name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Groups {
    pub(super) include: Vec<String>,
    pub(super) exclude: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filesystem {
    /// Trees to read and write.
    pub(super) allow: Vec<String>,
    pub(super) read: Vec<String>,
    pub(super) write: Vec<String>,
    pub(super) allow_file: Vec<String>,
    pub(super) read_file: Vec<String>,
    pub(super) write_file: Vec<String>,
    /// A path here beneath a granted one keeps the tool from starting.
    pub(super) deny: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Network {
    /// True refuses everything, and must not stand beside granted names.
    pub(super) block: bool,
    pub(super) allow_domain: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnvironmentFilter {
    pub(super) allow_vars: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Workdir {
    pub(super) access: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Security {
    pub(super) signal_mode: String,
    pub(super) process_info_mode: String,
    pub(super) capability_elevation: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Linux {
    pub(super) sandbox_policy: String,
    pub(super) af_unix_mediation: String,
}
