//! `managed-settings.json` and `managed-mcp.json` of Claude Code 2.1.329, as far as we write them.
//!
//! Every key that matters to security is written, even at its default, because the tool ignores what
//! it does not know and opens what is absent. Reading is strict: an unknown key is refused here though
//! the tool would accept it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The managed tier, which neither user nor project nor flag can weaken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the tool's file is what it is"
)]
pub(super) struct Settings {
    #[serde(rename = "$schema")]
    pub(super) schema: String,
    pub(super) allow_managed_hooks_only: bool,
    pub(super) allow_managed_mcp_servers_only: bool,
    pub(super) allow_managed_permission_rules_only: bool,
    pub(super) allowed_mcp_servers: Vec<McpServerName>,
    pub(super) allowed_providers: Vec<String>,
    pub(super) disable_all_hooks: bool,
    pub(super) disable_sideload_flags: bool,
    pub(super) env: BTreeMap<String, String>,
    pub(super) hooks: Hooks,
    pub(super) permissions: Permissions,
    pub(super) required_maximum_version: String,
    pub(super) required_minimum_version: String,
    pub(super) sandbox: Sandbox,
    pub(super) skip_web_fetch_preflight: bool,
    pub(super) strict_plugin_only_customization: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct McpServerName {
    pub(super) server_name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Permissions {
    pub(super) additional_directories: Vec<String>,
    pub(super) allow: Vec<String>,
    pub(super) ask: Vec<String>,
    pub(super) default_mode: String,
    pub(super) deny: Vec<String>,
    pub(super) disable_auto_mode: String,
    pub(super) disable_bypass_permissions_mode: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hooks {
    #[serde(rename = "PreToolUse")]
    pub(super) pre_tool_use: Vec<HookGroup>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HookGroup {
    pub(super) matcher: String,
    pub(super) hooks: Vec<Hook>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Hook {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) command: String,
    pub(super) args: Vec<String>,
    /// Seconds. The hook has a shorter deadline of its own.
    pub(super) timeout: u32,
    /// `block` makes a crash, a missing command and a timeout a refusal.
    pub(super) on_failure: String,
}

/// The tool's own sandbox, which binds shell children only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the tool's file is what it is"
)]
pub(super) struct Sandbox {
    pub(super) enabled: bool,
    pub(super) fail_if_unavailable: bool,
    pub(super) allow_unsandboxed_commands: bool,
    pub(super) auto_allow_bash_if_sandboxed: bool,
    pub(super) excluded_commands: Vec<String>,
    pub(super) filesystem: SandboxFilesystem,
    pub(super) network: SandboxNetwork,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SandboxFilesystem {
    pub(super) allow_read: Vec<String>,
    pub(super) allow_write: Vec<String>,
    pub(super) deny_read: Vec<String>,
    pub(super) deny_write: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SandboxNetwork {
    pub(super) allow_local_binding: bool,
    pub(super) allow_managed_domains_only: bool,
    pub(super) allow_unix_sockets: Vec<String>,
    pub(super) allowed_domains: Vec<String>,
    pub(super) denied_domains: Vec<String>,
}

/// Servers here are the only ones that exist; `--mcp-config` then refuses to start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ManagedMcp {
    pub(super) mcp_servers: BTreeMap<String, McpServer>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum McpServer {
    Http { url: String },
    Stdio { command: String, args: Vec<String> },
}
