#![doc = include_str!("README.md")]

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tappass_ir::algebra::Language;
use tappass_ir::bundle::{
    Artifact, Emission, Environment, HarnessMap, McpNaming, Owner, ToolMap, UpdateModel,
    to_stable_json,
};
use tappass_ir::pattern::{Authority, HostPattern};
use tappass_ir::policy::CompiledPolicy;
use tappass_ir::target::{
    Behaviour, Evidence, Mechanism, Order, Scope, Strength, TargetRule, TargetRules,
};
use tappass_ir::vocabulary::{Aspect, Channel, Effect, Ring, ToolKind, Verb};

use crate::{BaselineGrant, Claim, Context, Provider, Tool, Unreadable};

/// A program of one's own, by a middleware that calls the hook.
#[derive(Debug)]
pub(crate) struct SdkDirect;

const CONFIG: &str = "agent-config.json";
const GATEWAY: &str = "{gateway}";
const MIDDLEWARE: &str = "middleware";
const ENDPOINT: &str = "model-endpoint";

/// `agent-config.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AgentConfig {
    format: u32,
    /// The harness's name where no provider knows it.
    harness: Option<String>,
    before_tool_call: Hook,
    model: Model,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hook {
    command: Vec<String>,
    timeout_seconds: u32,
    on_failure: OnFailure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OnFailure {
    Deny,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Model {
    /// The only address at which a model may be called; absent where no gateway stands before it.
    base_url: Option<String>,
}

impl Provider for SdkDirect {
    fn id(&self) -> &'static str {
        "sdk-direct"
    }

    fn ring(&self) -> Ring {
        Ring::Harness
    }

    fn tool(&self) -> Tool {
        Tool {
            name: "agent-config.json",
            version: "1",
            source: "our own format",
        }
    }

    fn claims(&self) -> &'static [Claim] {
        CLAIMS
    }

    fn baseline(&self, _: &Context<'_>) -> Vec<BaselineGrant> {
        Vec::new()
    }

    fn emit(&self, _: &CompiledPolicy, context: &Context<'_>) -> Emission {
        let gateway = context
            .provider(Ring::Gateway)
            .map(|_| context.gateway.unwrap_or(GATEWAY).to_owned());
        let command = [
            "{hook}",
            "verify-toolcall",
            "--harness",
            "generic",
            "--keyring",
            "{keyring}",
        ];
        let config = AgentConfig {
            format: 1,
            harness: context.unknown_harness.map(str::to_owned),
            before_tool_call: Hook {
                command: command.map(str::to_owned).to_vec(),
                timeout_seconds: 10,
                on_failure: OnFailure::Deny,
            },
            model: Model { base_url: gateway },
        };
        let artifact = to_stable_json(&config).ok().map(|content| Artifact {
            path: CONFIG.to_owned(),
            target: format!("{{agent}}/{CONFIG}"),
            content,
            mode: 0o644,
            owner: Owner::Root,
            update: UpdateModel::Restart,
        });
        let set = BTreeMap::from([("TAPPASS_KEYRING_PATH".to_owned(), "{keyring}".to_owned())]);
        Emission {
            artifacts: artifact.into_iter().collect(),
            environment: Environment {
                set,
                ..Environment::default()
            },
            carried: BTreeMap::new(),
            assumptions: BTreeSet::from([
                "the program calls the middleware before every tool".to_owned()
            ]),
            harness: Some(harness_map()),
        }
    }

    fn model(
        &self,
        artifacts: &[Artifact],
        context: &Context<'_>,
    ) -> Result<Vec<Mechanism>, Unreadable> {
        let unreadable = |detail: String| Unreadable {
            artifact: CONFIG.to_owned(),
            detail,
        };
        let artifact = artifacts
            .iter()
            .find(|it| it.path == CONFIG)
            .ok_or_else(|| unreadable("missing".to_owned()))?;
        let config: AgentConfig = serde_json::from_str(&artifact.content)
            .map_err(|error| unreadable(error.to_string()))?;
        let mut mechanisms = Vec::new();
        if config
            .before_tool_call
            .command
            .get(1)
            .is_some_and(|verb| verb == "verify-toolcall")
        {
            mechanisms.push(middleware());
        }
        mechanisms.extend(endpoint(&config.model, context));
        Ok(mechanisms)
    }
}

/// The generic names by which a middleware speaks of tools: the kinds themselves.
fn harness_map() -> HarnessMap {
    let plain = |kind: ToolKind, channel: Channel| ToolMap {
        kind,
        command: None,
        path: None,
        path_defaults_to_directory: false,
        url: None,
        channel,
    };
    let field = |name: &str| Some(name.to_owned());
    let tools = ToolKind::ALL
        .iter()
        .filter(|kind| !matches!(kind, ToolKind::Mcp | ToolKind::Other))
        .map(|kind| {
            let tool = match kind {
                ToolKind::Shell => ToolMap {
                    command: field("command"),
                    ..plain(*kind, Channel::Shell)
                },
                ToolKind::ReadFile | ToolKind::EditFile | ToolKind::Search | ToolKind::Notebook => {
                    ToolMap {
                        path: field("path"),
                        ..plain(*kind, Channel::Tool)
                    }
                }
                ToolKind::WebFetch => ToolMap {
                    url: field("url"),
                    ..plain(*kind, Channel::Tool)
                },
                ToolKind::WebSearch
                | ToolKind::Subagent
                | ToolKind::Computer
                | ToolKind::Mcp
                | ToolKind::Other
                | ToolKind::Internal => plain(*kind, Channel::Tool),
            };
            (kind.word().to_owned(), tool)
        });
    HarnessMap {
        format: 1,
        harness: "generic".to_owned(),
        tools: tools.collect(),
        mcp: Some(McpNaming {
            prefix: "mcp__".to_owned(),
            separator: "__".to_owned(),
        }),
    }
}

fn middleware() -> Mechanism {
    let judged = [
        (Channel::Tool, Verb::Connect),
        (Channel::Tool, Verb::Read),
        (Channel::Tool, Verb::Write),
        (Channel::Tool, Verb::Tool),
        (Channel::Shell, Verb::Exec),
        (Channel::Mcp, Verb::Mcp),
    ];
    let decides = |(channel, verb)| Scope {
        channel,
        verb,
        behaviour: Behaviour::Decides { asks: false },
        evidence: Evidence::Assumed,
    };
    Mechanism {
        name: MIDDLEWARE,
        strength: Strength::Cooperative,
        scopes: judged.map(decides).to_vec(),
    }
}

fn endpoint(model: &Model, context: &Context<'_>) -> Option<Mechanism> {
    let url = model.base_url.as_deref()?;
    let host = if url == GATEWAY {
        context.gateway_host()?
    } else {
        Authority::parse(url).ok()?.to_string()
    };
    let language = Language::connect(&HostPattern::parse(&host).ok()?, &[]);
    let rules = vec![TargetRule {
        effect: Effect::Allow,
        language,
    }];
    let behaviour = Behaviour::Matches(TargetRules {
        order: Order::Strictest,
        rules,
        otherwise: Effect::Deny,
    });
    let scope = Scope {
        channel: Channel::Llm,
        verb: Verb::Connect,
        behaviour,
        evidence: Evidence::Assumed,
    };
    Some(Mechanism {
        name: ENDPOINT,
        strength: Strength::Cooperative,
        scopes: vec![scope],
    })
}

const CLAIMS: &[Claim] = &[
    Claim {
        aspect: Aspect::Network,
        mechanism: MIDDLEWARE,
        verbs: &[Verb::Connect],
        channels: &[Channel::Tool],
        strength: Strength::Cooperative,
        evidence: Evidence::Assumed,
        note: "judges the URL of a tool that names one",
    },
    Claim {
        aspect: Aspect::Network,
        mechanism: ENDPOINT,
        verbs: &[Verb::Connect],
        channels: &[Channel::Llm],
        strength: Strength::Cooperative,
        evidence: Evidence::Assumed,
        note: "the program calls its model at the gateway",
    },
    Claim {
        aspect: Aspect::Filesystem,
        mechanism: MIDDLEWARE,
        verbs: &[Verb::Read, Verb::Write],
        channels: &[Channel::Tool],
        strength: Strength::Cooperative,
        evidence: Evidence::Assumed,
        note: "judges the path of a tool that names one",
    },
    Claim {
        aspect: Aspect::Tools,
        mechanism: MIDDLEWARE,
        verbs: &[Verb::Exec, Verb::Tool, Verb::Mcp],
        channels: &[Channel::Shell, Channel::Tool, Channel::Mcp],
        strength: Strength::Cooperative,
        evidence: Evidence::Assumed,
        note: "judges every call that the program puts through it",
    },
];
