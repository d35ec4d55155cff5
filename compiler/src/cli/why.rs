//! `tappassc why`.

use clap::ValueEnum;
use serde_json::json;
use tappass_compiler::emit::{Built, Recipe, build};
use tappass_compiler::load::Loaded;
use tappass_compiler::lower::{Origins, lower};
use tappass_compiler::request::action;
use tappass_compiler::{compile, select, testing};
use tappass_ir::bundle::to_stable_json;
use tappass_ir::coverage::{applicable_channels, rule_text};
use tappass_ir::decide::{Basis, Decision, decide};
use tappass_ir::pattern::Binding;
use tappass_ir::policy::{CompiledPolicy, RuleId};
use tappass_ir::request::{Action, Request};
use tappass_ir::vocabulary::{Method, Platform, Verb};

use super::{Exit, Input, project};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// connect, listen, read, write, exec, tool, mcp, import or call
    #[arg(value_parser = |text: &str| Verb::from_word(text).ok_or_else(|| format!("`{text}` is no verb")))]
    verb: Verb,
    /// A host with its port, a path, a command line, a tool, `server/tool`, a module or a function
    value: String,
    #[command(flatten)]
    input: Input,
    /// What the files of this runtime do with the request, too
    #[arg(long, value_name = "NAME")]
    runtime: Option<String>,
    /// The policy; found by itself where only one can be meant
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// The HTTP method of a connect
    #[arg(long, value_parser = |text: &str| Method::from_word(text).ok_or_else(|| format!("`{text}` is no method that policies name")))]
    method: Option<Method>,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(super) fn run(arguments: &Arguments) -> miette::Result<Exit> {
    let loaded = project::open(&arguments.input.paths)?;
    let compilation = compile(&loaded, Platform::Linux);
    if project::print_errors(&loaded, &compilation.diagnostics) {
        return Ok(Exit::Findings);
    }
    let program = &compilation.program;
    let policy = match select::policy(
        &loaded,
        program,
        arguments.policy.as_deref(),
        arguments.runtime.as_deref(),
    ) {
        Ok(policy) => policy,
        Err(choice) => return Ok(project::no_choice(&choice)),
    };
    let built = match arguments
        .runtime
        .as_deref()
        .map(|name| select::runtime(program, name))
    {
        None => None,
        Some(Ok(runtime)) => Some(build(
            program,
            policy,
            &Recipe::of(program, runtime),
            Platform::Linux,
        )),
        Some(Err(choice)) => return Ok(project::no_choice(&choice)),
    };
    let (compiled, origins) = lower(program, policy, Platform::Linux, None);
    let language = compiled
        .interpreter
        .keys()
        .next()
        .map_or("python", String::as_str)
        .to_owned();
    let action = match action(
        arguments.verb,
        &language,
        &arguments.value,
        arguments.method,
    ) {
        Ok(action) => action,
        Err(detail) => {
            errln!("error: {detail}");
            return Ok(Exit::Usage);
        }
    };
    let decision = decide(
        &compiled,
        &Binding::default(),
        &Request::anywhere(action.clone()),
    );
    let answer = Answer {
        loaded: &loaded,
        policy: &compiled,
        origins: &origins,
        decision: &decision,
        action: &action,
    };
    match arguments.format {
        Format::Human => answer.print(built.as_ref()),
        Format::Json => out!(
            "{}",
            to_stable_json(&answer.json(built.as_ref())).unwrap_or_default()
        ),
    }
    Ok(Exit::Fine)
}

struct Answer<'a> {
    loaded: &'a Loaded,
    policy: &'a CompiledPolicy,
    origins: &'a Origins,
    decision: &'a Decision,
    action: &'a Action,
}

impl Answer<'_> {
    fn print(&self, built: Option<&Built>) {
        outln!("{}", self.decision.effect);
        for basis in &self.decision.basis {
            outln!("  {}", self.sentence(basis));
            if let Basis::Rule { id, .. } = basis {
                for (place, line) in self.places(*id) {
                    outln!("    {place}: {line}");
                }
            }
        }
        let Some(built) = built else { return };
        outln!("under {}:", built.runtime);
        for (channel, effect) in self.channels(built) {
            outln!("  {channel:<5} {effect}");
        }
        for line in self.carried(built) {
            outln!("  carried by {line}");
        }
    }

    fn json(&self, built: Option<&Built>) -> serde_json::Value {
        let basis: Vec<_> = self
            .decision
            .basis
            .iter()
            .map(|basis| {
                let places: Vec<String> = match basis {
                    Basis::Rule { id, .. } => self
                        .places(*id)
                        .into_iter()
                        .map(|(place, _)| place)
                        .collect(),
                    Basis::Default { .. } | Basis::Unprovable { .. } => Vec::new(),
                };
                json!({ "basis": basis, "message": self.sentence(basis), "places": places })
            })
            .collect();
        let under = built.map(|built| {
            let channels: serde_json::Map<_, _> =
                self.channels(built).into_iter().map(|(channel, effect)| (channel.to_string(), json!(effect))).collect();
            json!({ "runtime": built.runtime, "channels": channels, "carried": self.carried(built) })
        });
        json!({ "effect": self.decision.effect, "audit": self.decision.audit, "basis": basis, "under": under })
    }

    fn sentence(&self, basis: &Basis) -> String {
        match basis {
            Basis::Rule {
                layer,
                id,
                obligations,
            } => {
                let rule = self
                    .policy
                    .rules()
                    .find(|at| at.rule.id == *id)
                    .map(|at| rule_text(at.rule))
                    .unwrap_or_default();
                let because = obligations
                    .because
                    .as_ref()
                    .map_or_else(String::new, |why| format!(" because {why}"));
                format!("{layer}: {rule}{because}")
            }
            Basis::Default { layer, verb } => {
                format!("{layer}: nothing grants this {verb}, and the default is deny")
            }
            Basis::Unprovable { reason, detail } => format!("{reason}: {detail}"),
        }
    }

    /// Where a rule stands, with its line.
    fn places(&self, id: RuleId) -> Vec<(String, String)> {
        let spans = self.origins.get(&id).into_iter().flatten();
        spans
            .map(|span| {
                let position = self.loaded.sources.position(span.file, span.start);
                let place = format!(
                    "{}:{}",
                    self.loaded.sources.path(span.file),
                    position.line + 1
                );
                (
                    place,
                    self.loaded
                        .sources
                        .line_text(span.file, position.line)
                        .trim()
                        .to_owned(),
                )
            })
            .collect()
    }

    fn channels(
        &self,
        built: &Built,
    ) -> Vec<(
        tappass_ir::vocabulary::Channel,
        tappass_ir::vocabulary::Effect,
    )> {
        applicable_channels(&built.policy, &built.stack, self.action.verb())
            .into_iter()
            .map(|channel| {
                (
                    channel,
                    testing::answer(&built.policy, &built.stack, self.action, channel),
                )
            })
            .collect()
    }

    /// The lines of artifacts that carry a deciding rule.
    fn carried(&self, built: &Built) -> Vec<String> {
        let mut lines = Vec::new();
        for basis in &self.decision.basis {
            let Basis::Rule { id, .. } = basis else {
                continue;
            };
            for it in built.emissions.values() {
                let pointers = it.emission.carried.get(id).into_iter().flatten();
                lines.extend(
                    pointers
                        .map(|at| format!("{} {}#{}", it.provider.id(), at.artifact, at.pointer)),
                );
            }
        }
        lines
    }
}
