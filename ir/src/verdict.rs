//! What becomes of one subject of the policy on one channel, computed from what the targets do.
//!
//! A subject is a rule, or the default of a verb: most leaks are in the default. A verdict has two
//! independent parts, each with a witness: a *leak* is a request that the targets admit and the policy
//! refuses, a *loss* one that they refuse and the policy grants. No verdict is stated by a provider;
//! all are answers of the algebra to questions about the policy and the emitted artifact.

use std::fmt;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::algebra::{self, Answer, Budget, Domain, Formula, Index, Language, Sample};
use crate::pattern::NamePattern;
use crate::policy::{CompiledPolicy, Matcher, Rule, RuleId};
use crate::target::{Behaviour, Order, TargetRule, TargetRules};
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
            let grants = own
                .iter()
                .any(|rule| rule.derived.is_none() && rule.effect != Effect::Deny);
            let holding = own.into_iter().filter(|rule| rule.holds_on(Some(channel)));
            LayerSide {
                decides_all: layer.root || grants,
                rules: holding.map(|rule| (rule, rule_language(rule))).collect(),
                implied: implied(verb),
            }
        };
        Self {
            verb,
            layers: policy.layers.iter().map(side).collect(),
        }
    }

    /// The subjects of the verb: every rule that holds on the channel, and the default.
    pub fn subjects(&self) -> Vec<Subject> {
        let rules = self
            .layers
            .iter()
            .flat_map(|layer| layer.rules.iter().map(|(rule, _)| Subject::Rule(rule.id)));
        rules.chain([Subject::Default]).collect()
    }

    /// The rule behind a subject.
    pub fn rule(&self, subject: Subject) -> Option<&'a Rule> {
        match subject {
            Subject::Default => None,
            Subject::Rule(id) => self
                .layers
                .iter()
                .flat_map(|layer| &layer.rules)
                .find(|(rule, _)| rule.id == id)
                .map(|(rule, _)| *rule),
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
        if behaviours
            .iter()
            .any(|behaviour| matches!(behaviour, Behaviour::Decides { .. }))
        {
            return Verdict::new(Finding::None, Finding::None, false);
        }
        match self.rule(subject) {
            None => self.judge_default(behaviours),
            Some(rule) => self.judge_deny(&branches(&rule_language(rule)), behaviours),
        }
    }

    fn judge_default(&self, behaviours: &[&Behaviour]) -> Verdict {
        let decided = self.decided_by_default();
        let relevant = self.relevant_to_default(behaviours);
        if relevant.iter().any(admits_nothing) {
            return Verdict::new(Finding::None, Finding::None, false);
        }
        let refused = self.any_gives(&relevant.iter().collect::<Vec<_>>(), Effect::Deny);
        let leak = self.ask(and([decided.clone(), not(refused.clone())]));
        let every = leak != Finding::None && self.ask(and([decided, refused])) == Finding::None;
        Verdict::new(leak, Finding::None, every)
    }

    /// Pattern by pattern: one that a target's own deny contains needs no search, and the first that
    /// leaks speaks for the rule.
    fn judge_deny(&self, patterns: &[Language], behaviours: &[&Behaviour]) -> Verdict {
        let nearby: Vec<Nearby<'_>> = behaviours
            .iter()
            .map(|behaviour| Nearby::of(behaviour))
            .collect();
        let mut some_refused = false;
        let mut leak = Finding::None;
        for pattern in patterns {
            let near: Vec<Behaviour> = nearby.iter().map(|nearby| nearby.to(pattern)).collect();
            if near
                .iter()
                .any(|behaviour| plainly_refuses(behaviour, pattern))
            {
                some_refused = true;
                continue;
            }
            let near: Vec<&Behaviour> = near.iter().collect();
            let refused = self.any_gives(&near, Effect::Deny);
            let asked = |more: Formula| self.ask(and([Formula::In(pattern.clone()), more]));
            if leak == Finding::None {
                leak = asked(not(refused.clone()));
            }
            some_refused = some_refused || asked(refused) != Finding::None;
            if some_refused && leak != Finding::None {
                break;
            }
        }
        Verdict::new(leak, Finding::None, !some_refused)
    }

    fn judge_ask(&self, subject: Subject, behaviours: &[&Behaviour]) -> Verdict {
        let decided = self.decided_by(subject);
        if behaviours.is_empty() {
            return Verdict::new(self.ask(decided), Finding::None, true);
        }
        let hook_stands = |asks: bool| {
            behaviours
                .iter()
                .any(|it| matches!(it, Behaviour::Decides { asks: able } if *able == asks))
        };
        if hook_stands(false) {
            // Nobody is asked, so whatever should be is refused.
            return Verdict::new(Finding::None, self.ask(decided), false);
        }
        let admitted = self.all_admit(behaviours);
        let leak = if hook_stands(true) {
            Finding::None
        } else {
            self.ask(and([decided.clone(), admitted.clone()]))
        };
        let loss = self.ask(and([
            decided.clone(),
            self.any_gives(behaviours, Effect::Deny),
        ]));
        let every =
            leak != Finding::None && self.ask(and([decided, not(admitted)])) == Finding::None;
        Verdict::new(leak, loss, every)
    }

    fn judge_allow(&self, subject: Subject, behaviours: &[&Behaviour]) -> Verdict {
        let own = self
            .rule(subject)
            .map(rule_language)
            .map_or_else(Vec::new, |own| branches(&own));
        let relevant: Vec<Behaviour> = behaviours
            .iter()
            .filter_map(|behaviour| self.relevant_to_grant(behaviour))
            .collect();
        let granted = self.policy_gives(Effect::Allow);
        let losses = own.iter().filter_map(|pattern| {
            let refusing: Vec<&Behaviour> = relevant
                .iter()
                .filter(|behaviour| !plainly_admits(behaviour, pattern))
                .collect();
            let refused = not(self.all_admit(&refusing));
            let found = || {
                self.ask(and([
                    Formula::In(pattern.clone()),
                    granted.clone(),
                    refused,
                ]))
            };
            (!refusing.is_empty()).then(found)
        });
        let loss = losses
            .into_iter()
            .find(|loss| *loss != Finding::None)
            .unwrap_or(Finding::None);
        Verdict::new(Finding::None, loss, false)
    }

    /// What of `behaviour` can refuse a request that the policy grants. A refusal that lies inside a
    /// deny of the policy cannot, and one that decides as the policy does cannot either.
    fn relevant_to_grant(&self, behaviour: &Behaviour) -> Option<Behaviour> {
        match behaviour {
            Behaviour::Decides { .. } => None,
            Behaviour::Matches(rules) if rules.order == Order::Strictest => {
                let harmless = |rule: &&TargetRule| {
                    rule.effect != Effect::Allow && self.denied_somewhere(&rule.language)
                };
                let kept = rules
                    .rules
                    .iter()
                    .filter(|rule| !harmless(rule))
                    .cloned()
                    .collect();
                Some(Behaviour::Matches(TargetRules {
                    rules: kept,
                    ..rules.clone()
                }))
            }
            Behaviour::Matches(_) => Some(behaviour.clone()),
        }
    }

    /// What of `behaviours` matters to requests that the default refuses: not what they admit inside a
    /// grant of every layer, nor what they do inside a deny, which is another subject.
    fn relevant_to_default(&self, behaviours: &[&Behaviour]) -> Vec<Behaviour> {
        let pruned = |behaviour: &&Behaviour| match behaviour {
            Behaviour::Matches(rules) if rules.order == Order::Strictest => {
                let harmless = |rule: &&TargetRule| {
                    let granted =
                        || rule.effect != Effect::Deny && self.granted_everywhere(&rule.language);
                    self.denied_somewhere(&rule.language) || granted()
                };
                let kept = rules
                    .rules
                    .iter()
                    .filter(|rule| !harmless(rule))
                    .cloned()
                    .collect();
                Behaviour::Matches(TargetRules {
                    rules: kept,
                    ..rules.clone()
                })
            }
            Behaviour::Matches(_) | Behaviour::Decides { .. } => (*behaviour).clone(),
        };
        behaviours.iter().map(pruned).collect()
    }

    fn denied_somewhere(&self, language: &Language) -> bool {
        let denies = self
            .layers
            .iter()
            .flat_map(|layer| &layer.rules)
            .filter(|(rule, _)| rule.effect == Effect::Deny);
        denies
            .map(|(_, denied)| denied)
            .any(|denied| algebra::contains(denied, language))
    }

    fn granted_everywhere(&self, language: &Language) -> bool {
        let grants = |layer: &LayerSide<'_>| {
            let rules = layer
                .rules
                .iter()
                .filter(|(rule, _)| rule.effect != Effect::Deny)
                .map(|(_, granted)| granted);
            rules
                .chain(&layer.implied)
                .any(|granted| algebra::contains(granted, language))
        };
        self.deciding().all(grants)
    }

    /// The requests that `subject` decides.
    fn decided_by(&self, subject: Subject) -> Formula {
        let Some(rule) = self.rule(subject) else {
            return self.decided_by_default();
        };
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
        let ungranted = self
            .deciding()
            .map(|layer| not(or([layer.gives(Effect::Ask), layer.gives(Effect::Allow)])));
        and([not(denied), or(ungranted)])
    }

    /// The requests to which the whole policy gives `effect`.
    fn policy_gives(&self, effect: Effect) -> Formula {
        let denied = || or(self.layers.iter().map(LayerSide::refuses));
        match effect {
            Effect::Deny => denied(),
            Effect::Ask => and([
                not(denied()),
                or(self.deciding().map(|layer| layer.gives(Effect::Ask))),
            ]),
            Effect::Allow => and([
                not(denied()),
                not(or(self.deciding().map(|layer| layer.gives(Effect::Ask)))),
            ]),
        }
    }

    fn deciding(&self) -> impl Iterator<Item = &LayerSide<'a>> {
        self.layers.iter().filter(|layer| layer.decides_all)
    }

    fn all_admit(&self, behaviours: &[&Behaviour]) -> Formula {
        Formula::And(
            behaviours
                .iter()
                .map(|behaviour| self.gives(behaviour, Effect::Allow))
                .collect(),
        )
    }

    fn any_gives(&self, behaviours: &[&Behaviour], effect: Effect) -> Formula {
        or(behaviours
            .iter()
            .map(|behaviour| self.gives(behaviour, effect)))
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
        if is_plainly_empty(&formula) {
            return Finding::None;
        }

        let begins = matches!(&formula, Formula::And(parts) if parts.iter().any(|part| matches!(part, Formula::In(_))));
        // A formula that names no language to begin with still asks about requests of this verb, and of
        // tools only those that a harness could have.
        let asked = if begins && self.verb != Verb::Tool {
            formula
        } else {
            and([Formula::In(universe(self.verb)), formula])
        };
        match algebra::find(
            &asked,
            &mut Budget {
                steps: STEPS_PER_QUESTION,
            },
        ) {
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
        or(rules
            .map(|(_, language)| language)
            .chain(implied)
            .cloned()
            .map(Formula::In))
    }

    /// The requests that this layer refuses.
    fn refuses(&self) -> Formula {
        if self.decides_all {
            or([
                self.gives(Effect::Deny),
                not(or([self.gives(Effect::Ask), self.gives(Effect::Allow)])),
            ])
        } else {
            self.gives(Effect::Deny)
        }
    }
}

/// A target's rules, found by what a pattern could meet.
enum Nearby<'a> {
    /// The order of the rules matters, or there are none.
    Whole(&'a Behaviour),
    /// Rules that cannot meet a pattern say nothing about it.
    Indexed(&'a TargetRules, Index<&'a TargetRule>),
}

impl<'a> Nearby<'a> {
    fn of(behaviour: &'a Behaviour) -> Self {
        match behaviour {
            Behaviour::Matches(rules) if rules.order == Order::Strictest => {
                let mut index = Index::new();
                for rule in &rules.rules {
                    index.insert(&rule.language, rule);
                }
                Self::Indexed(rules, index)
            }
            Behaviour::Matches(_) | Behaviour::Decides { .. } => Self::Whole(behaviour),
        }
    }

    fn to(&self, pattern: &Language) -> Behaviour {
        match self {
            Self::Whole(behaviour) => (*behaviour).clone(),
            Self::Indexed(rules, index) => {
                let near = index
                    .candidates_meeting(pattern)
                    .into_iter()
                    .map(|rule| (*rule).clone());
                Behaviour::Matches(TargetRules {
                    order: rules.order,
                    rules: near.collect(),
                    otherwise: rules.otherwise,
                })
            }
        }
    }
}

/// Each branch as a language of its own.
fn branches(language: &Language) -> Vec<Language> {
    language
        .branches()
        .iter()
        .map(|branch| Language::from_atoms(language.domain(), vec![branch.clone()]))
        .collect()
}

/// Whether it takes no search to see that a target refuses everything.
fn admits_nothing(behaviour: &Behaviour) -> bool {
    match behaviour {
        Behaviour::Decides { .. } => false,
        Behaviour::Matches(rules) => {
            rules.otherwise == Effect::Deny
                && rules.rules.iter().all(|rule| rule.effect == Effect::Deny)
        }
    }
}

/// Whether it takes no search to see that a target refuses all of `pattern`.
fn plainly_refuses(behaviour: &Behaviour, pattern: &Language) -> bool {
    let Behaviour::Matches(rules) = behaviour else {
        return false;
    };
    let mut denies = rules
        .rules
        .iter()
        .filter(|rule| rule.effect == Effect::Deny && rules.order == Order::Strictest);
    admits_nothing(behaviour) || denies.any(|rule| algebra::contains(&rule.language, pattern))
}

/// Whether it takes no search to see that a target admits all of `own`.
fn plainly_admits(behaviour: &Behaviour, own: &Language) -> bool {
    let Behaviour::Matches(rules) = behaviour else {
        return false;
    };
    let mut refusing = rules
        .rules
        .iter()
        .filter(|rule| rule.effect != Effect::Allow);
    let admitted = rules.otherwise == Effect::Allow
        || rules
            .rules
            .iter()
            .any(|rule| rule.effect == Effect::Allow && algebra::contains(&rule.language, own));
    admitted && refusing.next().is_none()
}

/// The requests that a rule's patterns match, as its effect takes them.
pub fn rule_language(rule: &Rule) -> Language {
    let effect = rule.effect;
    let domain = domain(rule.matcher.verb());
    let union = |languages: &mut dyn Iterator<Item = Language>| {
        languages.fold(Language::nothing(domain), Language::union)
    };
    match &rule.matcher {
        Matcher::Connect { patterns, methods } => {
            union(&mut patterns.iter().map(|pattern| match effect {
                Effect::Allow => Language::connect(pattern, methods),
                Effect::Ask | Effect::Deny => Language::connect_covered(pattern, methods),
            }))
        }
        Matcher::Listen { patterns } => union(
            &mut patterns
                .iter()
                .map(|pattern| Language::connect(pattern, &[])),
        ),
        Matcher::Read { patterns } | Matcher::Write { patterns } => {
            union(&mut patterns.iter().map(|pattern| match effect {
                Effect::Allow | Effect::Ask => Language::path(pattern),
                Effect::Deny => Language::path_and_beneath(pattern),
            }))
        }
        Matcher::Exec { patterns, .. } => union(&mut patterns.iter().map(Language::argv)),
        Matcher::Mcp { patterns } => union(&mut patterns.iter().map(Language::mcp)),
        Matcher::Import { patterns } => union(&mut patterns.iter().map(Language::module)),
        Matcher::Tool { patterns } => union(&mut patterns.iter().map(tools)),
        Matcher::Call { patterns } => union(&mut patterns.iter().map(Language::name)),
    }
}

/// Every request of a verb. A tool is a kind, or a harness's own tool, which is then of kind `other`.
fn universe(verb: Verb) -> Language {
    match verb {
        Verb::Tool => named(
            ToolKind::ALL
                .iter()
                .map(|kind| kind.word())
                .chain([NATIVE_TOOL]),
        ),
        Verb::Connect
        | Verb::Listen
        | Verb::Read
        | Verb::Write
        | Verb::Exec
        | Verb::Mcp
        | Verb::Import
        | Verb::Call => Language::everything(domain(verb)),
    }
}

/// `harness:Tool`.
const NATIVE_TOOL: &str = "*:*";

fn named<'n>(names: impl Iterator<Item = &'n str>) -> Language {
    let patterns = names.filter_map(|name| NamePattern::parse(name).ok());
    patterns
        .map(|pattern| Language::name(&pattern))
        .fold(Language::nothing(Domain::Name), Language::union)
}

/// The tools that a pattern means: `other` is every tool of a harness's own.
fn tools(pattern: &NamePattern) -> Language {
    let text = pattern.as_str();
    if text == ToolKind::Other.word() {
        named([text, NATIVE_TOOL].into_iter())
    } else {
        Language::name(pattern)
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
    kinds
        .iter()
        .filter_map(|kind| NamePattern::parse(kind.word()).ok())
        .map(|name| Language::name(&name))
        .collect()
}

/// Whether it takes no search to see that nothing satisfies `formula`.
fn is_plainly_empty(formula: &Formula) -> bool {
    match formula {
        Formula::In(language) => language.branches().is_empty(),
        Formula::And(parts) => parts.iter().any(is_plainly_empty),
        Formula::Or(parts) => parts.iter().all(is_plainly_empty),
        Formula::Not(_) => false,
    }
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
