#![doc = include_str!("README.md")]

mod model;
mod rules;
mod settings;
mod tools;

use std::collections::{BTreeMap, BTreeSet};

use tappass_ir::bundle::{
    Artifact, Emission, Environment, Owner, Pointer, UpdateModel, to_stable_json,
};
use tappass_ir::flatten::{granted_hosts, granted_paths};
use tappass_ir::pattern::HostShape;
use tappass_ir::policy::{CompiledPolicy, Matcher, RuleId};
use tappass_ir::target::{Evidence, Mechanism, Strength};
use tappass_ir::vocabulary::{Aspect, Channel, Effect, Platform, Ring, Verb};

use crate::placeholder::placeholder;
use crate::{BaselineGrant, Claim, Context, Provider, Reach, Server, Tool, Unreadable};
use settings::{
    Hook, HookGroup, Hooks, ManagedMcp, McpServer, McpServerName, Permissions, Sandbox,
    SandboxFilesystem, SandboxNetwork, Settings,
};

/// Claude Code, by its managed settings and its `PreToolUse` hook.
#[derive(Debug)]
pub(crate) struct ClaudeCode;

const SETTINGS: &str = "managed-settings.d/50-tappass.json";
/// Where the host puts the gateway's address.
const GATEWAY: &str = "{gateway}";
const MCP: &str = "managed-mcp.json";
const VERSION: &str = "2.1.329";
/// Longer than the hook's own deadline, so that a refusal is the hook's and says why.
const HOOK_TIMEOUT_SECONDS: u32 = 10;
/// What the host checks before it reports the settings in force.
const ASSUMPTIONS: &[&str] = &[
    "the managed settings folder belongs to root and is never emptied while the agent runs",
    "no other file of the managed settings folder sets a key of this one",
    "`{hook}` belongs to root and cannot be changed by the agent",
    "the agent can read the managed settings folder: Claude Code runs without them where it cannot",
    "no CLAUDE.md of the project or above it is a symbolic link, since it is read before any hook",
    "the project's own settings set no apiKeyHelper, since it runs at the start",
];
/// The vendor's own endpoint, reached where no gateway stands before it.
const VENDOR_HOST: &str = "api.anthropic.com:443";

impl Provider for ClaudeCode {
    fn id(&self) -> &'static str {
        "claude-code"
    }

    fn ring(&self) -> Ring {
        Ring::Harness
    }

    fn tool(&self) -> Tool {
        Tool {
            name: "Claude Code",
            version: VERSION,
            source: "the real binary, driven offline; the vendor's settings reference",
        }
    }

    fn claims(&self) -> &'static [Claim] {
        CLAIMS
    }

    fn baseline(&self, context: &Context<'_>) -> Vec<BaselineGrant> {
        let mut grants = vec![
            BaselineGrant {
                reason: "Claude Code reads its own program, state and managed settings",
                verb: Verb::Read,
                patterns: trees(&[
                    managed_folder(context.platform),
                    "$home/.claude",
                    "$home/.claude.json",
                    "$home/.local/share/claude",
                    "$home/.local/bin/claude",
                ]),
                channels: &[Channel::Llm, Channel::Shell, Channel::Mcp],
            },
            BaselineGrant {
                reason: "Claude Code keeps its state",
                verb: Verb::Write,
                patterns: trees(&["$home/.claude", "$home/.claude.json"]),
                channels: &[Channel::Llm, Channel::Shell, Channel::Mcp],
            },
        ];
        if context.provider(Ring::Gateway).is_none() {
            grants.push(BaselineGrant {
                reason: "Claude Code calls its model",
                verb: Verb::Connect,
                patterns: vec![VENDOR_HOST.to_owned()],
                channels: &[Channel::Llm],
            });
        }
        grants
    }

    fn emit(&self, policy: &CompiledPolicy, context: &Context<'_>) -> Emission {
        let (deny, carried) = denies(policy);
        let settings = settings(policy, context, deny);
        let servers = ManagedMcp {
            mcp_servers: servers(policy, context),
        };
        let files = [
            (SETTINGS, to_stable_json(&settings)),
            (MCP, to_stable_json(&servers)),
        ];
        let root = "{managed}/claude-code";
        let artifacts = files
            .into_iter()
            .filter_map(|(path, content)| {
                Some(Artifact {
                    path: path.to_owned(),
                    target: format!("{root}/{path}"),
                    content: content.ok()?,
                    mode: 0o644,
                    owner: Owner::Root,
                    update: UpdateModel::Rewrite,
                })
            })
            .collect();
        Emission {
            artifacts,
            environment: environment(),
            carried,
            assumptions: ASSUMPTIONS.iter().map(|fact| (*fact).to_owned()).collect(),
            harness: Some(tools::harness_map()),
        }
    }

    fn model(
        &self,
        artifacts: &[Artifact],
        context: &Context<'_>,
    ) -> Result<Vec<Mechanism>, Unreadable> {
        model::read(artifacts, context)
    }
}

/// `p/**` includes `p` itself, so one pattern serves files and directories.
fn trees(paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| format!("{path}/**")).collect()
}

fn managed_folder(platform: Platform) -> &'static str {
    match platform {
        Platform::Linux => "/etc/claude-code",
        Platform::Macos => "/Library/Application Support/ClaudeCode",
        Platform::Windows => "/Program Files/ClaudeCode",
    }
}

/// Every deny that the tool's grammar can say without leaving part of it out, with its place.
fn denies(policy: &CompiledPolicy) -> (Vec<String>, BTreeMap<RuleId, BTreeSet<Pointer>>) {
    let mut lines: BTreeMap<String, BTreeSet<RuleId>> = BTreeMap::new();
    for at in policy.rules().filter(|at| at.rule.effect == Effect::Deny) {
        for line in rules::denies(&at.rule.matcher) {
            lines.entry(line).or_default().insert(at.rule.id);
        }
    }
    let mut carried: BTreeMap<RuleId, BTreeSet<Pointer>> = BTreeMap::new();
    for (index, ids) in lines.values().enumerate() {
        for id in ids {
            let pointer = Pointer {
                artifact: SETTINGS.to_owned(),
                pointer: format!("/permissions/deny/{index}"),
            };
            carried.entry(*id).or_default().insert(pointer);
        }
    }
    (lines.into_keys().collect(), carried)
}

fn settings(policy: &CompiledPolicy, context: &Context<'_>, deny: Vec<String>) -> Settings {
    let gateway = context.provider(Ring::Gateway).is_some();
    let mut env = BTreeMap::from([
        (
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC".to_owned(),
            "1".to_owned(),
        ),
        ("DISABLE_AUTOUPDATER".to_owned(), "1".to_owned()),
        ("DISABLE_TELEMETRY".to_owned(), "1".to_owned()),
    ]);
    // The user's own settings reach the hook's environment, and the managed tier wins key by key.
    env.extend(
        ["LD_AUDIT", "LD_LIBRARY_PATH", "LD_PRELOAD"].map(|name| (name.to_owned(), String::new())),
    );
    if gateway {
        env.insert(
            "ANTHROPIC_BASE_URL".to_owned(),
            context.gateway.unwrap_or(GATEWAY).to_owned(),
        );
    }
    Settings {
        schema: "https://json.schemastore.org/claude-code-settings.json".to_owned(),
        allow_managed_hooks_only: true,
        allow_managed_mcp_servers_only: true,
        allow_managed_permission_rules_only: true,
        allowed_mcp_servers: servers(policy, context)
            .into_keys()
            .map(|server_name| McpServerName { server_name })
            .collect(),
        allowed_providers: vec![
            if gateway {
                "customEndpoint"
            } else {
                "anthropic"
            }
            .to_owned(),
        ],
        disable_all_hooks: false,
        disable_sideload_flags: true,
        env,
        hooks: hooks(),
        permissions: Permissions {
            additional_directories: Vec::new(),
            allow: Vec::new(),
            ask: Vec::new(),
            default_mode: "dontAsk".to_owned(),
            deny,
            disable_auto_mode: "disable".to_owned(),
            disable_bypass_permissions_mode: "disable".to_owned(),
        },
        required_maximum_version: VERSION.to_owned(),
        required_minimum_version: VERSION.to_owned(),
        sandbox: sandbox(policy, context),
        skip_web_fetch_preflight: true,
        strict_plugin_only_customization: true,
    }
}

fn hooks() -> Hooks {
    let hook = Hook {
        kind: "command".to_owned(),
        command: "{hook}".to_owned(),
        args: [
            "verify-toolcall",
            "--harness",
            "claude-code",
            "--keyring",
            "{keyring}",
        ]
        .map(str::to_owned)
        .to_vec(),
        timeout: HOOK_TIMEOUT_SECONDS,
        on_failure: "block".to_owned(),
    };
    Hooks {
        pre_tool_use: vec![HookGroup {
            matcher: "*".to_owned(),
            hooks: vec![hook],
        }],
    }
}

/// The tool's own sandbox: off inside a ring in which it could not start, else closed by default.
fn sandbox(policy: &CompiledPolicy, context: &Context<'_>) -> Sandbox {
    let enabled = stands_alone(context);
    let mut filesystem = SandboxFilesystem::default();
    let mut network = SandboxNetwork {
        allow_managed_domains_only: true,
        ..SandboxNetwork::default()
    };
    if enabled {
        filesystem.deny_read = vec!["/".to_owned()];
        filesystem.allow_read = directories(policy, Verb::Read);
        filesystem.allow_write = directories(policy, Verb::Write);
        network.allowed_domains = domains(policy);
    }
    Sandbox {
        enabled,
        fail_if_unavailable: true,
        allow_unsandboxed_commands: false,
        auto_allow_bash_if_sandboxed: false,
        excluded_commands: Vec::new(),
        filesystem,
        network,
    }
}

/// Whether the tool's own sandbox can start: it needs bubblewrap or Seatbelt, and no kernel ring around.
fn stands_alone(context: &Context<'_>) -> bool {
    let supported = match context.platform {
        Platform::Linux | Platform::Macos => true,
        Platform::Windows => false,
    };
    supported && !context.inside_landlock()
}

/// Granted directories and files as the sandbox writes them. It has no wildcards on Linux, so a grant
/// with one is left out.
fn directories(policy: &CompiledPolicy, verb: Verb) -> Vec<String> {
    let granted = granted_paths(policy, verb, &[Channel::Shell]);
    let paths = granted.iter().filter_map(|grant| {
        grant
            .pattern
            .literal_subtree()
            .or_else(|| grant.pattern.literal())
    });
    let sorted: BTreeSet<String> = paths.map(|path| placeholder(path.as_str())).collect();
    sorted.into_iter().collect()
}

/// Granted names as the sandbox's proxy writes them. It knows neither ports nor methods nor a single
/// label, so the nearest name around the pattern stands for it, and the verdicts show the difference.
fn domains(policy: &CompiledPolicy) -> Vec<String> {
    let granted = granted_hosts(policy, Verb::Connect, &[Channel::Shell]);
    let names: BTreeSet<String> = granted
        .iter()
        .filter_map(|grant| domain(grant.pattern.shape()))
        .collect();
    names.into_iter().collect()
}

fn domain(shape: HostShape<'_>) -> Option<String> {
    match shape {
        HostShape::Name(labels) if !labels.contains('*') => Some(labels.to_owned()),
        HostShape::Name(labels) => labels
            .strip_prefix("*.")
            .filter(|rest| !rest.contains('*'))
            .map(|rest| format!("*.{rest}")),
        HostShape::Beneath(labels) if !labels.contains('*') => Some(format!("*.{labels}")),
        HostShape::Beneath(_) | HostShape::Anything | HostShape::Network { .. } => None,
    }
}

/// The declared servers of which the policy lets some tool be called.
fn servers(policy: &CompiledPolicy, context: &Context<'_>) -> BTreeMap<String, McpServer> {
    let granted: Vec<&Matcher> = policy
        .rules_of(Verb::Mcp)
        .filter(|at| at.rule.effect != Effect::Deny)
        .map(|at| &at.rule.matcher)
        .collect();
    let named = |server: &&Server| {
        granted.iter().any(|matcher| match matcher {
            Matcher::Mcp { patterns } => patterns
                .iter()
                .any(|pattern| pattern.server() == "*" || pattern.server() == server.name),
            Matcher::Connect { .. }
            | Matcher::Listen { .. }
            | Matcher::Read { .. }
            | Matcher::Write { .. }
            | Matcher::Exec { .. }
            | Matcher::Tool { .. }
            | Matcher::Import { .. }
            | Matcher::Call { .. } => false,
        })
    };
    context
        .servers
        .iter()
        .filter(named)
        .filter_map(|server| Some((server.name.clone(), reach(&server.reach)?)))
        .collect()
}

fn reach(reach: &Reach) -> Option<McpServer> {
    match reach {
        Reach::Url(url) => Some(McpServer::Http { url: url.clone() }),
        Reach::Command(words) => {
            let (command, args) = words.split_first()?;
            Some(McpServer::Stdio {
                command: command.clone(),
                args: args.to_vec(),
            })
        }
    }
}

/// Variables that move the managed tier, the endpoint or the program's own files.
fn environment() -> Environment {
    let scrub = [
        "ANTHROPIC_*",
        "CLAUDE_CODE_*",
        "CLAUDE_CONFIG_DIR",
        "CLAUDE_ENV_FILE",
        "NODE_EXTRA_CA_CERTS",
        "NODE_OPTIONS",
        "NODE_TLS_REJECT_UNAUTHORIZED",
    ];
    Environment {
        set: BTreeMap::new(),
        scrub: scrub.map(str::to_owned).into(),
        hide: ["ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"]
            .map(str::to_owned)
            .into(),
    }
}

const CLAIMS: &[Claim] = &[
    Claim {
        aspect: Aspect::Network,
        mechanism: "hook",
        verbs: &[Verb::Connect],
        channels: &[Channel::Tool],
        strength: Strength::Cooperative,
        evidence: Evidence::Proven,
        note: "judges the URL of every web tool; a redirect is followed by the tool unseen",
    },
    Claim {
        aspect: Aspect::Network,
        mechanism: "model-endpoint",
        verbs: &[Verb::Connect],
        channels: &[Channel::Llm],
        strength: Strength::Cooperative,
        evidence: Evidence::Documented,
        note: "pins the model's address in the managed tier",
    },
    Claim {
        aspect: Aspect::Network,
        mechanism: "sandbox",
        verbs: &[Verb::Connect],
        channels: &[Channel::Shell],
        strength: Strength::Compulsory,
        evidence: Evidence::Documented,
        note: "names only: no ports, no methods; off inside a Landlock-based ring",
    },
    Claim {
        aspect: Aspect::Filesystem,
        mechanism: "hook",
        verbs: &[Verb::Read, Verb::Write],
        channels: &[Channel::Tool],
        strength: Strength::Cooperative,
        evidence: Evidence::Proven,
        note: "judges the path of every file tool",
    },
    Claim {
        aspect: Aspect::Filesystem,
        mechanism: "permission-rules",
        verbs: &[Verb::Read, Verb::Write],
        channels: &[Channel::Tool],
        strength: Strength::Cooperative,
        evidence: Evidence::Documented,
        note: "denies only, a second line behind the hook",
    },
    Claim {
        aspect: Aspect::Filesystem,
        mechanism: "sandbox",
        verbs: &[Verb::Read, Verb::Write],
        channels: &[Channel::Shell],
        strength: Strength::Compulsory,
        evidence: Evidence::Documented,
        note: "binds shell children only; the working directory stays readable and writable",
    },
    Claim {
        aspect: Aspect::Tools,
        mechanism: "hook",
        verbs: &[Verb::Exec, Verb::Tool, Verb::Mcp],
        channels: &[Channel::Shell, Channel::Tool, Channel::Mcp],
        strength: Strength::Cooperative,
        evidence: Evidence::Proven,
        note: "judges every call, fails closed with `onFailure: block`",
    },
    Claim {
        aspect: Aspect::Tools,
        mechanism: "permission-rules",
        verbs: &[Verb::Tool, Verb::Mcp],
        channels: &[Channel::Tool, Channel::Mcp],
        strength: Strength::Cooperative,
        evidence: Evidence::Documented,
        note: "removes denied tools from what the model is offered",
    },
];
