//! One tool call of a harness, judged.
//!
//! A call becomes several requests (the tool itself, the command, path or address that it names), and
//! the strictest answer counts. What cannot be read is denied: the hook runs before the harness has
//! validated anything.

use std::cell::RefCell;
use std::path::Path;

use serde_json::{Map, Value};
use tappass_ir::bundle::{HarnessMap, ToolMap};
use tappass_ir::decide::{Basis, Decision, RuleView, Rulebook, decide};
use tappass_ir::pattern::{Authority, Binding, CanonicalPath, McpName};
use tappass_ir::policy::RuleId;
use tappass_ir::request::exec::{Access, Analysis};
use tappass_ir::request::{Action, Request};
use tappass_ir::vocabulary::{Channel, Effect, Method, ToolKind, Variable, Verb};

use crate::tree::{Tree, resolve};

/// What happens to a call, and the sentence that the agent reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub effect: Effect,
    pub reason: String,
}

impl Verdict {
    /// A refusal for a reason other than the policy.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self {
            effect: Effect::Deny,
            reason: reason.into(),
        }
    }
}

/// Where a call is judged.
#[derive(Clone, Copy)]
pub struct Scene<'a, R> {
    pub rulebook: &'a R,
    pub harness: &'a HarnessMap,
    pub binding: &'a Binding,
    pub tree: &'a dyn Tree,
}

impl<R> std::fmt::Debug for Scene<'_, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scene")
            .field("harness", &self.harness.harness)
            .finish_non_exhaustive()
    }
}

/// Judges the JSON that a harness writes to a hook's standard input.
pub fn verify<R: Rulebook>(scene: &Scene<'_, R>, input: &[u8]) -> Verdict {
    let call = match read_call(input) {
        Ok(call) => call,
        Err(detail) => return Verdict::refused(format!("the tool call cannot be read: {detail}")),
    };
    match scene.requests(&call) {
        Err(detail) => Verdict::refused(detail),
        Ok(requests) => {
            let decisions = requests
                .iter()
                .map(|request| decide(scene.rulebook, scene.binding, request));
            scene.verdict(&decisions.fold(Decision::nothing_to_decide(), Decision::and))
        }
    }
}

struct Call {
    tool: String,
    input: Map<String, Value>,
    directory: String,
}

fn read_call(input: &[u8]) -> Result<Call, String> {
    let value: Value = serde_json::from_slice(input).map_err(|error| error.to_string())?;
    let text = |name: &str| {
        value
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| format!("`{name}` is missing"))
    };
    let fields = value.get("tool_input").and_then(Value::as_object).cloned();
    let directory = text("cwd")?;
    if !Path::new(&directory).is_absolute() {
        return Err("`cwd` is not absolute".to_owned());
    }
    Ok(Call {
        tool: text("tool_name")?,
        input: fields.ok_or("`tool_input` is no object")?,
        directory,
    })
}

impl<R: Rulebook> Scene<'_, R> {
    fn requests(&self, call: &Call) -> Result<Vec<Request>, String> {
        if let Some(naming) = &self.harness.mcp
            && let Some(name) = call.tool.strip_prefix(&naming.prefix)
        {
            return self.mcp(call, name, &naming.separator);
        }
        let Some(tool) = self.harness.tools.get(&call.tool) else {
            // A tool that nobody described may read a file through `@path` in its text.
            let mentions = call
                .input
                .values()
                .any(|value| value.as_str().is_some_and(|text| text.contains('@')));
            if mentions {
                return Err(format!(
                    "`{}` mentions a file or a person with `@`, which it would read unseen: leave it out",
                    call.tool
                ));
            }
            return Ok(vec![self.use_of(call, ToolKind::Other)]);
        };
        let mut requests = vec![self.use_of(call, tool.kind)];
        requests.extend(self.subject(call, tool)?);
        Ok(requests)
    }

    fn use_of(&self, call: &Call, kind: ToolKind) -> Request {
        let native = Some(format!("{}:{}", self.harness.harness, call.tool));
        Request::on(Channel::Tool, Action::Tool { kind, native })
    }

    fn mcp(&self, call: &Call, name: &str, separator: &str) -> Result<Vec<Request>, String> {
        let parts: Vec<&str> = name.split(separator).collect();
        let [server, tool] = parts.as_slice() else {
            return Err(format!(
                "`{}` does not say plainly which server and which tool it means",
                call.tool
            ));
        };
        let name =
            McpName::new(server, tool).map_err(|refusal| format!("`{}`: {refusal}", call.tool))?;
        Ok(vec![
            self.use_of(call, ToolKind::Mcp),
            Request::on(Channel::Mcp, Action::Mcp { name }),
        ])
    }

    /// What the tool's input says that it is about.
    fn subject(&self, call: &Call, tool: &ToolMap) -> Result<Vec<Request>, String> {
        match tool.kind {
            ToolKind::Shell => Ok(vec![Request::on(tool.channel, self.command(call, tool)?)]),
            ToolKind::ReadFile | ToolKind::Search => {
                let paths = self.paths(call, tool)?;
                Ok(paths
                    .into_iter()
                    .map(|path| Request::on(tool.channel, Action::Read { path }))
                    .collect())
            }
            ToolKind::EditFile | ToolKind::Notebook => {
                let paths = self.paths(call, tool)?;
                Ok(paths
                    .into_iter()
                    .map(|path| Request::on(tool.channel, Action::Write { path }))
                    .collect())
            }
            ToolKind::WebFetch => addresses(call, tool),
            ToolKind::WebSearch
            | ToolKind::Subagent
            | ToolKind::Computer
            | ToolKind::Mcp
            | ToolKind::Other
            | ToolKind::Internal => Ok(Vec::new()),
        }
    }

    fn command(&self, call: &Call, tool: &ToolMap) -> Result<Action, String> {
        let line = field(call, tool.command.as_deref())?.ok_or("the command is missing")?;
        if call
            .input
            .get("dangerouslyDisableSandbox")
            .is_some_and(|value| *value != Value::Bool(false))
        {
            return Err("a command outside the sandbox is never allowed".to_owned());
        }
        let mut line = tappass_shell::analyse(&line, &call.directory);
        if let Analysis::Commands(commands) = &mut line.analysis {
            for command in commands {
                let mut real = Vec::new();
                for access in command
                    .accesses
                    .iter()
                    .filter(|access| access.verb != Verb::Connect)
                {
                    let target = resolve(self.tree, Path::new(&self.unbound(&access.target)?))?;
                    real.push(Access {
                        verb: access.verb,
                        target,
                    });
                }
                command.accesses.extend(real);
            }
        }
        Ok(Action::Exec(line))
    }

    /// The path as it is written and as it leads: both must be granted, so that no link slips through.
    fn paths(&self, call: &Call, tool: &ToolMap) -> Result<Vec<CanonicalPath>, String> {
        let written = match field(call, tool.path.as_deref())? {
            Some(path) => path,
            None if tool.path_defaults_to_directory => call.directory.clone(),
            None => return Err("the path is missing".to_owned()),
        };
        let mut found = vec![self.path(&call.directory, &written)?];
        // A search pattern may itself begin with a path.
        if tool.path_defaults_to_directory
            && let Some(pattern) = call.input.get("pattern").and_then(Value::as_str)
            && (pattern.starts_with(['/', '~']) || pattern.contains(".."))
        {
            let fixed = pattern
                .split(['*', '?', '[', '{'])
                .next()
                .unwrap_or_default();
            found.push(self.path(&call.directory, fixed)?);
        }
        Ok(found.into_iter().flatten().collect())
    }

    fn path(&self, directory: &str, written: &str) -> Result<Vec<CanonicalPath>, String> {
        if written.contains('\0') {
            return Err("the path holds a NUL".to_owned());
        }
        let expanded = match written.strip_prefix('~') {
            None => written.to_owned(),
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                let home = self
                    .binding
                    .get(Variable::Home)
                    .ok_or("where `~` leads is not known")?;
                format!("{home}{rest}")
            }
            Some(_) => return Err(format!("where `{written}` leads is not known")),
        };
        let absolute = Path::new(directory).join(&expanded);
        let refused = |refusal: tappass_ir::pattern::PathRefusal| format!("`{written}`: {refusal}");
        let real = CanonicalPath::parse(&resolve(self.tree, &absolute)?).map_err(refused)?;
        // A path with `..` has no meaning of its own; where it leads is what counts.
        let lexical = absolute
            .to_str()
            .and_then(|path| CanonicalPath::parse(path).ok());
        Ok(lexical.into_iter().chain([real]).collect())
    }

    /// An access of the shell analysis with its variable replaced.
    fn unbound(&self, target: &str) -> Result<String, String> {
        let path =
            CanonicalPath::parse(target).map_err(|refusal| format!("`{target}`: {refusal}"))?;
        let bound = path.bind(self.binding);
        if bound.variable().is_some() {
            return Err(format!("where `{target}` leads is not known"));
        }
        Ok(bound.as_str().to_owned())
    }

    fn verdict(&self, decision: &Decision) -> Verdict {
        let reasons: Vec<String> = decision
            .basis
            .iter()
            .map(|basis| self.sentence(decision.effect, basis))
            .collect();
        Verdict {
            effect: decision.effect,
            reason: reasons.join("; "),
        }
    }

    fn sentence(&self, effect: Effect, basis: &Basis) -> String {
        match basis {
            Basis::Rule {
                layer,
                id,
                obligations,
            } => {
                let because = obligations
                    .because
                    .as_ref()
                    .map_or_else(String::new, |why| format!(" because {why}"));
                format!(
                    "policy {layer}: {effect} {}{because}",
                    self.patterns(layer, *id)
                )
            }
            Basis::Default { layer, verb } => {
                format!(
                    "policy {layer} grants no such {verb}{}",
                    self.granted(layer, *verb)
                )
            }
            Basis::Unprovable { detail, .. } => detail.clone(),
        }
    }

    /// The rule's verb and patterns, as the language writes them.
    fn patterns(&self, layer: &str, id: RuleId) -> String {
        let languages: Vec<&str> = vec!["", "python", "javascript"];
        for verb in Verb::ALL {
            for language in &languages {
                let found = self
                    .rulebook
                    .rules(layer, *verb, language)
                    .find(|rule| rule.id() == id)
                    .map(|rule| quoted(&rule));
                if let Some(patterns) = found {
                    return format!("{verb} {patterns}");
                }
            }
        }
        format!("rule {id}")
    }

    /// What the layer does grant, so that the agent can do better.
    fn granted(&self, layer: &str, verb: Verb) -> String {
        let rules = self.rulebook.rules(layer, verb, "");
        let written: Vec<String> = rules
            .filter(|rule| rule.effect() == Effect::Allow && rule.written())
            .take(4)
            .map(|rule| quoted(&rule))
            .collect();
        if written.is_empty() {
            String::new()
        } else {
            format!("; it grants {}", written.join(" "))
        }
    }
}

fn quoted(rule: &impl RuleView) -> String {
    let texts = RefCell::new(Vec::new());
    // Every pattern is shown to the test, which takes none.
    rule.any_pattern(&|text| {
        texts.borrow_mut().push(format!("\"{text}\""));
        false
    });
    let mut texts = texts.into_inner();
    let more = texts.len().saturating_sub(4);
    texts.truncate(4);
    let tail = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{tail}", texts.join(" "))
}

fn field(call: &Call, name: Option<&str>) -> Result<Option<String>, String> {
    let Some(name) = name else {
        return Err(format!("what `{}` is about is not known", call.tool));
    };
    match call.input.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{name}` is no text")),
    }
}

fn addresses(call: &Call, tool: &ToolMap) -> Result<Vec<Request>, String> {
    let url = field(call, tool.url.as_deref())?.ok_or("the address is missing")?;
    let authority = Authority::parse(&url).map_err(|refusal| format!("`{url}`: {refusal}"))?;
    let request = |authority: Authority| {
        Request::on(
            tool.channel,
            Action::Connect {
                authority,
                method: Some(Method::Get),
                addresses: Vec::new(),
            },
        )
    };
    let mut requests = vec![request(authority.clone())];
    if authority.port() == Some(80) {
        // Web tools upgrade plain addresses, so both are judged.
        requests.push(request(authority.with_port(443)));
    }
    Ok(requests)
}
