//! What becomes of one subject of the policy on one channel, computed from what the targets do.
//!
//! A subject is a rule, or the default of a verb: most leaks are in the default. A verdict has two
//! independent parts, each with a witness: a *leak* is a request that the targets admit and the policy
//! refuses, a *loss* one that they refuse and the policy grants. No verdict is stated by a provider;
//! all are answers of the algebra to questions about the policy and the emitted artifact.

use std::fmt;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::algebra::{self, Answer, Budget, Domain, Formula, Language, Sample};
use crate::pattern::NamePattern;
use crate::policy::{CompiledPolicy, Matcher, Rule, RuleId};
use crate::target::Behaviour;
use crate::vocabulary::{Channel, Effect, ToolKind, Verb};

/// Steps after which one question counts as not proven. A hundred rules against a hundred lines of a
/// target take some thousands; the cap keeps a build's worst case to well under a second.
const STEPS_PER_QUESTION: u64 = 400_000;

/// What a verdict speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The requests that a rule decides.
    Rule(RuleId),
    /// The requests that no rule decides, which the policy denies.
    Default,
}

/// The answer to whether a request of some kind exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Proven that there is none.
    None,
    /// There is one; this is among the shortest.
    Witness(Sample),
    /// The step budget ran out. Counts as found.
    NotProven,
}

/// What became of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Extent {
    /// Neither leak nor loss.
    Exact,
    /// Loss only.
    Narrowed,
    /// A leak.
    Widened,
    /// A leak of every request.
    Unenforced,
}

/// One subject on one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Admitted though the policy refuses it (or admitted unasked though it wants a person to be asked).
    pub leak: Finding,
    /// Refused though the policy grants it.
    pub loss: Finding,
    /// Their summary.
    pub extent: Extent,
}

/// One verb of a policy on one channel, ready to be asked about.
#[derive(Debug)]
pub struct Question<'a> {
    verb: Verb,
    layers: Vec<LayerSide<'a>>,
}

#[derive(Debug)]
struct LayerSide<'a> {
    /// Whether the layer decides what none of its rules matches.
    decides_all: bool,
    rules: Vec<(&'a Rule, Language)>,
    /// What the layer admits without a rule: tools that another verb judges.
    implied: Vec<Language>,
}

impl<'a> Question<'a> {
    /// The question for `verb` (and `language`, for `import` and `call`) on `channel`.
    pub fn new(policy: &'a CompiledPolicy, verb: Verb, language: &str, channel: Channel) -> Self {
        let side = |(name, layer): (&'a String, &'a crate::policy::Layer)| {
            let own: Vec<&Rule> = policy
                .rules_of(verb)
                .filter(|at| at.layer == name && at.language == language)
                .map(|at| at.rule)
                .collect();
            let grants = own.iter().any(|rule| rule.derived.is_none() && rule.effect != Effect::Deny);
            let holding = own.into_iter().filter(|rule| rule.holds_on(Some(channel)));
            LayerSide {
                decides_all: layer.root || grants,
                rules: holding.map(|rule| (rule, rule_language(rule))).collect(),
                implied: implied(verb),
            }
        };
        Self { verb, layers: policy.layers.iter().map(side).collect() }
    }

    /// The subjects of the verb: every rule that holds on the channel, and the default.
    pub fn subjects(&self) -> Vec<Subject> {
        let rules = self.layers.iter().flat_map(|layer| layer.rules.iter().map(|(rule, _)| Subject::Rule(rule.id)));
        rules.chain([Subject::Default]).collect()
    }

    /// The rule behind a subject.
    pub fn rule(&self, subject: Subject) -> Option<&'a Rule> {
        match subject {
            Subject::Default => None,
            Subject::Rule(id) => {
                self.layers.iter().flat_map(|layer| &layer.rules).find(|(rule, _)| rule.id == id).map(|(rule, _)| *rule)
            }
        }
    }

    /// What becomes of `subject` when all of `behaviours` stand on the channel together. A request is
    /// admitted if every one admits it, refused if any refuses it.
    pub fn judge(&self, subject: Subject, behaviours: &[&Behaviour]) -> Verdict {
        let effect = self.rule(subject).map(|rule| rule.effect);
        match effect {
            Some(Effect::Allow) => self.judge_allow(subject, behaviours),
            Some(Effect::Ask) => self.judge_ask(subject, behaviours),
            Some(Effect::Deny) | None => self.judge_refusal(subject, behaviours),
        }
    }

    fn judge_refusal(&self, subject: Subject, behaviours: &[&Behaviour]) -> Verdict {
        if behaviours.iter().any(|behaviour| matches!(behaviour, Behaviour::Decides { .. })) {
            return Verdict::new(Finding::None, Finding::None, false);
        }
        let decided = self.decided_by(subject);
        let refused = self.any_gives(behaviours, Effect::Deny);
        let leak = self.ask(and([decided.clone(), not(refused.clone())]));
        let every = leak != Finding::None && self.ask(and([decided, refused])) == Finding::None;
        Verdict::new(leak, Finding::None, every)
    }

    fn judge_ask(&self, subject: Subject, behaviours: &[&Behaviour]) -> Verdict {
        let decided = self.decided_by(subject);
        let admitted = self.all_admit(behaviours);
        let leak = self.ask(and([decided.clone(), admitted.clone()]));
        let loss = self.ask(and([decided.clone(), self.any_gives(behaviours, Effect::Deny)]));
        let every = leak != Finding::None && self.ask(and([decided, not(admitted)])) == Finding::None;
        Verdict::new(leak, loss, every)
    }

    fn judge_allow(&self, subject: Subject, behaviours: &[&Behaviour]) -> Verdict {
        if behaviours.iter().all(|behaviour| matches!(behaviour, Behaviour::Decides { .. })) {
            return Verdict::new(Finding::None, Finding::None, false);
        }
        let loss = self.ask(and([self.decided_by(subject), not(self.all_admit(behaviours))]));
        Verdict::new(Finding::None, loss, false)
    }

    /// The requests that `subject` decides.
    fn decided_by(&self, subject: Subject) -> Formula {
        let Some(rule) = self.rule(subject) else { return self.decided_by_default() };
        let own = Formula::In(rule_language(rule));
        match rule.effect {
            Effect::Deny => own,
            Effect::Ask => and([own, self.policy_gives(Effect::Ask)]),
            Effect::Allow => and([own, self.policy_gives(Effect::Allow)]),
        }
    }

    /// The requests that no rule denies, and that some deciding layer neither asks about nor allows.
    fn decided_by_default(&self) -> Formula {
        let denied = or(self.layers.iter().map(|layer| layer.gives(Effect::Deny)));
        let ungranted = self.deciding().map(|layer| not(or([layer.gives(Effect::Ask), layer.gives(Effect::Allow)])));
        and([not(denied), or(ungranted)])
    }

    /// The requests to which the whole policy gives `effect`.
    fn policy_gives(&self, effect: Effect) -> Formula {
        let denied = || or(self.layers.iter().map(LayerSide::refuses));
        match effect {
            Effect::Deny => denied(),
            Effect::Ask => and([not(denied()), or(self.deciding().map(|layer| layer.gives(Effect::Ask)))]),
            Effect::Allow => and([not(denied()), not(or(self.deciding().map(|layer| layer.gives(Effect::Ask))))]),
        }
    }

    fn deciding(&self) -> impl Iterator<Item = &LayerSide<'a>> {
        self.layers.iter().filter(|layer| layer.decides_all)
    }

    fn all_admit(&self, behaviours: &[&Behaviour]) -> Formula {
        Formula::And(behaviours.iter().map(|behaviour| self.gives(behaviour, Effect::Allow)).collect())
    }

    fn any_gives(&self, behaviours: &[&Behaviour], effect: Effect) -> Formula {
        or(behaviours.iter().map(|behaviour| self.gives(behaviour, effect)))
    }

    fn gives(&self, behaviour: &Behaviour, effect: Effect) -> Formula {
        match behaviour {
            Behaviour::Matches(rules) => rules.formula(effect),
            Behaviour::Decides { asks: true } => self.policy_gives(effect),
            Behaviour::Decides { asks: false } => match effect {
                Effect::Allow => self.policy_gives(Effect::Allow),
                Effect::Ask => or([]),
                Effect::Deny => not(self.policy_gives(Effect::Allow)),
            },
        }
    }

    fn ask(&self, formula: Formula) -> Finding {
        // A formula that happens to name no language still asks about requests of this verb.
        let asked = and([Formula::In(Language::everything(domain(self.verb))), formula]);
        match algebra::find(&asked, &mut Budget { steps: STEPS_PER_QUESTION }) {
            Answer::No => Finding::None,
            Answer::Witness(sample) => Finding::Witness(sample),
            Answer::Unknown => Finding::NotProven,
        }
    }

    /// The verb that the question is about.
    pub const fn verb(&self) -> Verb {
        self.verb
    }
}

impl LayerSide<'_> {
    /// The requests that a rule of this layer with `effect` matches.
    fn gives(&self, effect: Effect) -> Formula {
        let rules = self.rules.iter().filter(|(rule, _)| rule.effect == effect);
        let implied = self.implied.iter().filter(|_| effect == Effect::Allow);
        or(rules.map(|(_, language)| language).chain(implied).cloned().map(Formula::In))
    }

    /// The requests that this layer refuses.
    fn refuses(&self) -> Formula {
        if self.decides_all {
            or([self.gives(Effect::Deny), not(or([self.gives(Effect::Ask), self.gives(Effect::Allow)]))])
        } else {
            self.gives(Effect::Deny)
        }
    }
}

/// The requests that a rule's patterns match, as its effect takes them.
pub fn rule_language(rule: &Rule) -> Language {
    let effect = rule.effect;
    let domain = domain(rule.matcher.verb());
    let union = |languages: &mut dyn Iterator<Item = Language>| languages.fold(Language::nothing(domain), Language::union);
    match &rule.matcher {
        Matcher::Connect { patterns, methods } => union(&mut patterns.iter().map(|pattern| match effect {
            Effect::Allow => Language::connect(pattern, methods),
            Effect::Ask | Effect::Deny => Language::connect_covered(pattern, methods),
        })),
        Matcher::Listen { patterns } => union(&mut patterns.iter().map(|pattern| Language::connect(pattern, &[]))),
        Matcher::Read { patterns } | Matcher::Write { patterns } => union(&mut patterns.iter().map(|pattern| match effect {
            Effect::Allow | Effect::Ask => Language::path(pattern),
            Effect::Deny => Language::path_and_beneath(pattern),
        })),
        Matcher::Exec { patterns, .. } => union(&mut patterns.iter().map(Language::argv)),
        Matcher::Mcp { patterns } => union(&mut patterns.iter().map(Language::mcp)),
        Matcher::Import { patterns } => union(&mut patterns.iter().map(Language::module)),
        Matcher::Tool { patterns } | Matcher::Call { patterns } => union(&mut patterns.iter().map(Language::name)),
    }
}

/// The words that a verb's requests are.
pub const fn domain(verb: Verb) -> Domain {
    match verb {
        Verb::Connect | Verb::Listen => Domain::Connect,
        Verb::Read | Verb::Write => Domain::Path,
        Verb::Exec => Domain::Argv,
        Verb::Mcp => Domain::Mcp,
        Verb::Tool | Verb::Import | Verb::Call => Domain::Name,
    }
}

/// Tools that other verbs judge, and those without effect, need no `allow tool`.
fn implied(verb: Verb) -> Vec<Language> {
    if verb != Verb::Tool {
        return Vec::new();
    }
    let kinds = [
        ToolKind::Internal,
        ToolKind::Shell,
        ToolKind::ReadFile,
        ToolKind::Search,
        ToolKind::EditFile,
        ToolKind::Notebook,
        ToolKind::WebFetch,
        ToolKind::Mcp,
    ];
    kinds.iter().filter_map(|kind| NamePattern::parse(kind.word()).ok()).map(|name| Language::name(&name)).collect()
}

fn and(parts: impl IntoIterator<Item = Formula>) -> Formula {
    Formula::And(parts.into_iter().collect())
}

fn or(parts: impl IntoIterator<Item = Formula>) -> Formula {
    Formula::Or(parts.into_iter().collect())
}

fn not(part: Formula) -> Formula {
    Formula::Not(Box::new(part))
}

impl Verdict {
    fn new(leak: Finding, loss: Finding, every: bool) -> Self {
        let extent = match (&leak, &loss) {
            (Finding::None, Finding::None) => Extent::Exact,
            (Finding::None, Finding::Witness(_) | Finding::NotProven) => Extent::Narrowed,
            (Finding::Witness(_) | Finding::NotProven, _) if every => Extent::Unenforced,
            (Finding::Witness(_) | Finding::NotProven, _) => Extent::Widened,
        };
        Self { leak, loss, extent }
    }
}

impl Extent {
    /// Whether something is admitted that the policy refuses.
    pub const fn leaks(self) -> bool {
        match self {
            Self::Exact | Self::Narrowed => false,
            Self::Widened | Self::Unenforced => true,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Witness(sample) => write!(f, "{sample}"),
            Self::NotProven => f.write_str("not proven within the step budget"),
        }
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_none(),
            Self::Witness(_) | Self::NotProven => serializer.collect_str(self),
        }
    }
}

impl fmt::Display for Extent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Exact => "exact",
            Self::Narrowed => "narrowed",
            Self::Widened => "widened",
            Self::Unenforced => "unenforced",
        })
    }
}
