//! The one evaluator. `check`, `test`, `why`, the hook, the proxy and the broker all call it, and
//! nothing else decides.
//!
//! Each layer decides alone, deny over ask over allow, with deny as its default; the decision is the
//! strictest over the layers. The evaluator reads rules through [`Rulebook`], so that the value and
//! the mapped binary form cannot answer differently.

use std::net::IpAddr;

use serde::Serialize;

use crate::pattern::host::WithoutPort;
use crate::pattern::path::Extent;
use crate::pattern::{self, Authority, Binding, CanonicalPath};
use crate::policy::{CompiledPolicy, Matcher, Obligations, Rule, RuleId};
use crate::request::exec::{Access, Analysis, Command, Judged, NormalPattern, ShellLine};
use crate::request::{Action, Request};
use crate::vocabulary::{Channel, Effect, Method, ToolKind, Verb};

/// The outcome of one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// What happens.
    pub effect: Effect,
    /// What made it so, sorted; empty where there was nothing to decide.
    pub basis: Vec<Basis>,
    /// Whether a deciding rule of any layer asks for a record.
    pub audit: bool,
}

/// One thing that a decision rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// A rule matched.
    Rule {
        /// The layer that holds it.
        layer: String,
        /// Which rule.
        id: RuleId,
        /// What it asks for besides.
        obligations: Obligations,
    },
    /// No rule of the layer matched, and the default is deny.
    Default {
        /// The layer.
        layer: String,
        /// The verb that nothing granted.
        verb: Verb,
    },
    /// The request could not be judged, so it is denied.
    Unprovable {
        /// Stable kebab-case name of the reason.
        reason: String,
        /// One sentence for whoever asked.
        detail: String,
    },
}

/// Rules in the form in which the evaluator reads them.
pub trait Rulebook {
    /// The names of the layers and whether each is a root, in a stable order.
    fn layers(&self) -> impl Iterator<Item = (&str, bool)>;

    /// The rules of one layer and verb; `language` is empty for all verbs but `import` and `call`.
    fn rules<'a>(
        &'a self,
        layer: &'a str,
        verb: Verb,
        language: &'a str,
    ) -> impl Iterator<Item = impl RuleView + 'a>;
}

/// One rule as the evaluator reads it.
pub trait RuleView {
    /// Its identity.
    fn id(&self) -> RuleId;
    /// What it says.
    fn effect(&self) -> Effect;
    /// Whether somebody wrote it.
    fn written(&self) -> bool;
    /// Whether it holds on a channel.
    fn holds_on(&self, channel: Option<Channel>) -> bool;
    /// Its duties.
    fn obligations(&self) -> Obligations;
    /// Whether it restricts methods, and whether this one is among them.
    fn methods(&self, method: Option<Method>) -> MethodMatch;
    /// Whether `test` holds for the text of any of its patterns.
    fn any_pattern(&self, test: &dyn Fn(&str) -> bool) -> bool;
    /// Whether `test` holds for the normal form of any of its patterns.
    fn any_normal(&self, test: &dyn Fn(&NormalPattern) -> bool) -> bool;
}

/// How a request's method stands to a rule's methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodMatch {
    /// The rule names none, or names this one.
    Inside,
    /// The rule names others.
    Outside,
    /// The rule names some, but the method is not visible here.
    Invisible,
}

/// Decides one request.
pub fn decide(rulebook: &impl Rulebook, binding: &Binding, request: &Request) -> Decision {
    Evaluator {
        rulebook,
        binding,
        channel: request.channel,
    }
    .action(&request.action)
}

impl Decision {
    /// Allowed, resting on nothing.
    pub const fn nothing_to_decide() -> Self {
        Self {
            effect: Effect::Allow,
            basis: Vec::new(),
            audit: false,
        }
    }

    /// Denied because the request could not be judged.
    pub fn unprovable(reason: impl Into<String>, detail: impl Into<String>) -> Self {
        let basis = Basis::Unprovable {
            reason: reason.into(),
            detail: detail.into(),
        };
        Self {
            effect: Effect::Deny,
            basis: vec![basis],
            audit: false,
        }
    }

    /// The strictest of two decisions about parts of one request.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        let audit = self.audit || other.audit;
        match self.effect.cmp(&other.effect) {
            std::cmp::Ordering::Less => Self { audit, ..other },
            std::cmp::Ordering::Greater => Self { audit, ..self },
            std::cmp::Ordering::Equal => {
                self.basis.extend(other.basis);
                self.basis.sort();
                self.basis.dedup();
                Self { audit, ..self }
            }
        }
    }
}

struct Evaluator<'a, R> {
    rulebook: &'a R,
    binding: &'a Binding,
    channel: Option<Channel>,
}

/// What a layer without a matching rule does.
#[derive(Clone, Copy)]
enum Otherwise {
    /// The language's default.
    Deny,
    /// The action is judged by another verb too, so silence is consent.
    Allow,
}

impl<R: Rulebook> Evaluator<'_, R> {
    fn action(&self, action: &Action) -> Decision {
        match action {
            Action::Connect {
                authority,
                method,
                addresses,
            } => self.connect(authority, *method, addresses),
            Action::Listen { authority } => {
                self.judge(Verb::Listen, "", Otherwise::Deny, &|rule| {
                    matches_authority(rule, authority, None)
                })
            }
            Action::Read { path } => self.path(Verb::Read, path),
            Action::Write { path } => self.path(Verb::Write, path),
            Action::Exec(line) => self.exec(line),
            Action::Tool { kind, native } => self.tool(*kind, native.as_deref()),
            Action::Mcp { name } => self.judge(Verb::Mcp, "", Otherwise::Deny, &|rule| {
                rule.any_pattern(&|text| pattern::mcp::text_matches(text, name))
            }),
            Action::Import { language, module } => {
                self.judge(Verb::Import, language, Otherwise::Deny, &|rule| {
                    rule.any_pattern(&|text| pattern::name::text_covers_module(text, module))
                })
            }
            Action::Call { language, function } => {
                self.judge(Verb::Call, language, Otherwise::Deny, &|rule| {
                    rule.any_pattern(&|text| pattern::name::text_matches(text, function))
                })
            }
        }
    }

    /// Judges the name, then every address that it stands for.
    fn connect(
        &self,
        authority: &Authority,
        method: Option<Method>,
        addresses: &[IpAddr],
    ) -> Decision {
        let by_name = self.judge(Verb::Connect, "", Otherwise::Deny, &|rule| {
            matches_authority(rule, authority, method)
        });
        addresses.iter().fold(by_name, |decision, address| {
            let dialled = Authority::from_address(*address, authority.port());
            // An ordinary address is reached through its name; a private or local one needs a grant of its own.
            let otherwise = if dialled.is_special() {
                Otherwise::Deny
            } else {
                Otherwise::Allow
            };
            decision.and(self.judge(Verb::Connect, "", otherwise, &|rule| {
                matches_authority(rule, &dialled, method)
            }))
        })
    }

    fn path(&self, verb: Verb, path: &CanonicalPath) -> Decision {
        let spellings = self.binding.spellings(path);
        self.judge(verb, "", Otherwise::Deny, &|rule| {
            // What lies beneath a denied path is denied; a grant means what it says.
            let extent = match rule.effect() {
                Effect::Deny => Extent::Beneath,
                Effect::Allow | Effect::Ask => Extent::Itself,
            };
            rule.any_pattern(&|text| {
                spellings
                    .iter()
                    .any(|path| pattern::path::text_matches(text, path.as_str(), extent))
            })
        })
    }

    fn exec(&self, line: &ShellLine) -> Decision {
        match &line.analysis {
            Analysis::Refused(refusal) => Decision::unprovable(&refusal.reason, &refusal.detail),
            Analysis::Commands(commands) => commands
                .iter()
                .map(|command| self.command(command))
                .fold(Decision::nothing_to_decide(), Decision::and),
        }
    }

    fn command(&self, command: &Command) -> Decision {
        let otherwise = match command.judged {
            Judged::ByAll => Otherwise::Deny,
            Judged::ByAskAndDeny => Otherwise::Allow,
        };
        let itself = self.judge(Verb::Exec, "", otherwise, &|rule| match rule.effect() {
            Effect::Allow => {
                command.judged == Judged::ByAll
                    && rule.any_pattern(&|text| pattern::argv::text_grants(text, &command.argv))
            }
            Effect::Ask | Effect::Deny => {
                rule.any_pattern(&|text| pattern::argv::text_covers(text, &command.argv))
                    || rule
                        .any_normal(&|normal| pattern::argv::normal_covers(normal, &command.normal))
            }
        });
        command
            .accesses
            .iter()
            .map(|access| self.access(access))
            .fold(itself, Decision::and)
    }

    fn access(&self, access: &Access) -> Decision {
        let unreadable = |detail: String| Decision::unprovable("unreadable-target", detail);
        match access.verb {
            verb @ (Verb::Read | Verb::Write) => match CanonicalPath::parse(&access.target) {
                Ok(path) => self.path(verb, &path),
                Err(refusal) => unreadable(format!(
                    "the path `{}` cannot be judged: {refusal}",
                    access.target
                )),
            },
            Verb::Connect => match Authority::parse(&access.target) {
                Ok(authority) => self.connect(&authority, None, &[]),
                Err(refusal) => unreadable(format!(
                    "the host `{}` cannot be judged: {refusal}",
                    access.target
                )),
            },
            verb @ (Verb::Listen
            | Verb::Exec
            | Verb::Tool
            | Verb::Mcp
            | Verb::Import
            | Verb::Call) => unreadable(format!("a command cannot have the effect `{verb}`")),
        }
    }

    fn tool(&self, kind: ToolKind, native: Option<&str>) -> Decision {
        let otherwise = match kind {
            ToolKind::Internal => return Decision::nothing_to_decide(),
            // Another verb judges what these do; `tool` rules only remove them.
            ToolKind::Shell
            | ToolKind::ReadFile
            | ToolKind::Search
            | ToolKind::EditFile
            | ToolKind::Notebook
            | ToolKind::WebFetch
            | ToolKind::Mcp => Otherwise::Allow,
            ToolKind::WebSearch | ToolKind::Subagent | ToolKind::Computer | ToolKind::Other => {
                Otherwise::Deny
            }
        };
        self.judge(Verb::Tool, "", otherwise, &|rule| {
            rule.any_pattern(&|text| {
                pattern::name::text_matches(text, kind.word())
                    || native.is_some_and(|name| pattern::name::text_matches(text, name))
            })
        })
    }

    /// The strictest over the layers, each deciding alone.
    fn judge(
        &self,
        verb: Verb,
        language: &str,
        otherwise: Otherwise,
        hits: &dyn Fn(&dyn RuleView) -> bool,
    ) -> Decision {
        self.rulebook
            .layers()
            .filter_map(|(layer, root)| self.layer(layer, root, verb, language, otherwise, hits))
            .reduce(Decision::and)
            // Without any layer nothing grants anything.
            .unwrap_or_else(|| Decision::unprovable("no-layer", "the policy has no layer"))
    }

    /// One layer's decision, or `None` where it leaves the verb to its ancestors.
    fn layer(
        &self,
        layer: &str,
        root: bool,
        verb: Verb,
        language: &str,
        otherwise: Otherwise,
        hits: &dyn Fn(&dyn RuleView) -> bool,
    ) -> Option<Decision> {
        let mut grants_verb = false;
        let mut decision: Option<Decision> = None;
        for rule in self.rulebook.rules(layer, verb, language) {
            grants_verb |= rule.written() && rule.effect() != Effect::Deny;
            let stronger = decision
                .as_ref()
                .is_none_or(|held| rule.effect() >= held.effect);
            if !stronger || !rule.holds_on(self.channel) || !hits(&rule) {
                continue;
            }
            let obligations = rule.obligations();
            let audit = obligations.audit;
            let basis = vec![Basis::Rule {
                layer: layer.to_owned(),
                id: rule.id(),
                obligations,
            }];
            let hit = Decision {
                effect: rule.effect(),
                basis,
                audit,
            };
            decision = Some(match decision {
                Some(held) if held.effect == hit.effect => held.and(hit),
                Some(_) | None => hit,
            });
        }
        let denied = decision
            .as_ref()
            .is_some_and(|held| held.effect == Effect::Deny);
        if !root && !grants_verb && !denied {
            return None;
        }
        Some(decision.unwrap_or_else(|| match otherwise {
            Otherwise::Allow => Decision::nothing_to_decide(),
            Otherwise::Deny => {
                let basis = vec![Basis::Default {
                    layer: layer.to_owned(),
                    verb,
                }];
                Decision {
                    effect: Effect::Deny,
                    basis,
                    audit: false,
                }
            }
        }))
    }
}

fn matches_authority(rule: &dyn RuleView, authority: &Authority, method: Option<Method>) -> bool {
    let grants = match rule.effect() {
        Effect::Allow => true,
        Effect::Ask | Effect::Deny => false,
    };
    match rule.methods(method) {
        MethodMatch::Outside => return false,
        MethodMatch::Invisible if grants => return false,
        MethodMatch::Invisible | MethodMatch::Inside => {}
    }
    let without_port = if grants {
        WithoutPort::DoesNotMatch
    } else {
        WithoutPort::Matches
    };
    rule.any_pattern(&|text| pattern::host::text_matches(text, authority, without_port))
}

impl Rulebook for CompiledPolicy {
    fn layers(&self) -> impl Iterator<Item = (&str, bool)> {
        self.layers
            .iter()
            .map(|(name, layer)| (name.as_str(), layer.root))
    }

    fn rules<'a>(
        &'a self,
        layer: &'a str,
        verb: Verb,
        language: &'a str,
    ) -> impl Iterator<Item = impl RuleView + 'a> {
        let rules = match verb {
            Verb::Connect | Verb::Listen => Some(&self.network),
            Verb::Read | Verb::Write => Some(&self.filesystem),
            Verb::Exec | Verb::Tool | Verb::Mcp => Some(&self.tools),
            Verb::Import | Verb::Call => self.interpreter.get(language).map(|it| &it.rules),
        };
        let of_layer = rules
            .and_then(|rules| rules.get(layer))
            .map_or(&[][..], Vec::as_slice);
        of_layer
            .iter()
            .filter(move |rule| rule.matcher.verb() == verb)
    }
}

impl RuleView for &Rule {
    fn id(&self) -> RuleId {
        self.id
    }

    fn effect(&self) -> Effect {
        self.effect
    }

    fn written(&self) -> bool {
        self.derived.is_none()
    }

    fn holds_on(&self, channel: Option<Channel>) -> bool {
        Rule::holds_on(self, channel)
    }

    fn obligations(&self) -> Obligations {
        self.obligations.clone()
    }

    fn methods(&self, method: Option<Method>) -> MethodMatch {
        match (&self.matcher, method) {
            (Matcher::Connect { methods, .. }, None) if !methods.is_empty() => {
                MethodMatch::Invisible
            }
            (Matcher::Connect { methods, .. }, Some(method))
                if !methods.is_empty() && !methods.contains(&method) =>
            {
                MethodMatch::Outside
            }
            _ => MethodMatch::Inside,
        }
    }

    fn any_pattern(&self, test: &dyn Fn(&str) -> bool) -> bool {
        self.matcher.texts().into_iter().any(test)
    }

    fn any_normal(&self, test: &dyn Fn(&NormalPattern) -> bool) -> bool {
        match &self.matcher {
            Matcher::Exec { normal, .. } => normal.iter().any(test),
            Matcher::Connect { .. }
            | Matcher::Listen { .. }
            | Matcher::Read { .. }
            | Matcher::Write { .. }
            | Matcher::Tool { .. }
            | Matcher::Mcp { .. }
            | Matcher::Import { .. }
            | Matcher::Call { .. } => false,
        }
    }
}
