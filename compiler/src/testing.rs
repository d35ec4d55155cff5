//! The inline tests of policies and packs, on the reference semantics and, under a runtime, on the
//! models of the emitted artifacts.

use tappass_ir::algebra::Sample;
use tappass_ir::coverage::{Stack, State, applicable_channels};
use tappass_ir::decide::{Decision, decide};
use tappass_ir::pattern::{Authority, Binding};
use tappass_ir::policy::CompiledPolicy;
use tappass_ir::request::exec::{Analysis, Word};
use tappass_ir::request::{Action, Request};
use tappass_ir::target::Behaviour;
use tappass_ir::vocabulary::{Channel, Effect, Method, Platform, ToolKind};

use crate::emit::{Recipe, build};
use crate::hir::{Body, Case, PolicyId, Program, Test};
use crate::lower::lower;
use crate::request::action;
use crate::source::Span;

/// What one test came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The policy or pack that holds it.
    pub owner: String,
    /// Its title.
    pub title: String,
    /// The runtime whose models it ran on; absent on the reference semantics.
    pub under: Option<String>,
    /// How many cases it has.
    pub cases: usize,
    /// The cases that came out otherwise.
    pub failures: Vec<Failure>,
    /// Where it stands.
    pub span: Span,
}

/// A case that came out otherwise than expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The case as it is written.
    pub case: String,
    /// What the policy's author wants.
    pub expected: Effect,
    /// What happens, or why the case cannot be asked.
    pub found: Result<Effect, String>,
    /// The channel, under a runtime.
    pub channel: Option<Channel>,
    /// The whole decision, on the reference semantics.
    pub decision: Option<Decision>,
    /// Where the case stands.
    pub span: Span,
}

/// Runs the tests of one policy, its packs' included. `under` adds a runtime to each of its own tests.
pub fn run(
    program: &Program<'_>,
    id: PolicyId,
    under: Option<&str>,
    platform: Platform,
) -> Vec<Outcome> {
    let Some(policy) = program.policy(id) else {
        return Vec::new();
    };
    let (compiled, _) = lower(program, id, platform, None);
    let mut outcomes: Vec<Outcome> = policy
        .body
        .tests
        .iter()
        .map(|test| on_reference(&compiled, policy.name.text, test))
        .collect();
    for test in &policy.body.tests {
        let runtimes = test.under.map(|name| name.text).into_iter().chain(under);
        for runtime in runtimes.filter_map(|name| program.runtime_named(name)) {
            let built = build(program, id, &Recipe::of(program, runtime), platform);
            outcomes.push(on_models(
                &built.policy,
                &built.stack,
                policy.name.text,
                test,
            ));
        }
    }
    outcomes
}

/// Runs the tests of a pack against a policy that grants everything else, since a pack only refuses.
pub fn run_pack(program: &Program<'_>, pack: usize, platform: Platform) -> Vec<Outcome> {
    let Some(pack) = program.packs.get(pack) else {
        return Vec::new();
    };
    let name = format!("{}@{}", pack.name.text, pack.version);
    let compiled = crate::lower::lower_pack(&name, &pack.body, platform);
    pack.body
        .tests
        .iter()
        .map(|test| on_reference(&compiled, &name, test))
        .collect()
}

/// How many tests a body holds.
pub fn count(body: &Body<'_>) -> usize {
    body.tests.len()
}

fn on_reference(policy: &CompiledPolicy, owner: &str, test: &Test<'_>) -> Outcome {
    let mut failures = Vec::new();
    for (case, method) in test.cases.iter().flat_map(expanded) {
        let decided = request(policy, case, method)
            .map(|action| decide(policy, &Binding::default(), &Request::anywhere(action)));
        let found = decided
            .as_ref()
            .map(|decision| decision.effect)
            .map_err(Clone::clone);
        if found != Ok(case.expected.value) {
            failures.push(failure(case, method, found, None, decided.ok()));
        }
    }
    outcome(owner, test, None, failures)
}

fn on_models(policy: &CompiledPolicy, stack: &Stack, owner: &str, test: &Test<'_>) -> Outcome {
    let mut failures = Vec::new();
    for (case, method) in test.cases.iter().flat_map(expanded) {
        match request(policy, case, method) {
            Err(detail) => failures.push(failure(case, method, Err(detail), None, None)),
            Ok(action) => {
                for channel in applicable_channels(policy, stack, case.verb) {
                    let found = answer(policy, stack, &action, channel);
                    if !satisfies(found, case.expected.value) {
                        failures.push(failure(case, method, Ok(found), Some(channel), None));
                    }
                }
            }
        }
    }
    outcome(owner, test, Some(stack.runtime.clone()), failures)
}

/// A target that cannot ask refuses, which is stricter than asked for and no failure.
fn satisfies(found: Effect, expected: Effect) -> bool {
    match expected {
        Effect::Allow => found == Effect::Allow,
        Effect::Ask => found != Effect::Allow,
        Effect::Deny => found == Effect::Deny,
    }
}

/// What the emitted artifacts together do with a request on a channel: the strictest of all mechanisms,
/// and `allow` where none stands.
pub fn answer(policy: &CompiledPolicy, stack: &Stack, action: &Action, channel: Channel) -> Effect {
    let mechanisms = stack
        .entries
        .values()
        .filter_map(|entry| match &entry.state {
            State::Modelled(mechanisms) => Some(mechanisms),
            State::Planned | State::Unsupported => None,
        });
    let scopes = mechanisms.flatten().flat_map(|mechanism| &mechanism.scopes);
    let standing = scopes.filter(|scope| scope.channel == channel && scope.verb == action.verb());
    standing
        .map(|scope| match &scope.behaviour {
            Behaviour::Decides { asks } => {
                let effect = decide(
                    policy,
                    &Binding::default(),
                    &Request::on(channel, action.clone()),
                )
                .effect;
                if effect == Effect::Ask && !asks {
                    Effect::Deny
                } else {
                    effect
                }
            }
            // A request that the target's matcher cannot be shown is one that it does not refuse.
            Behaviour::Matches(rules) => {
                sample(action).map_or(Effect::Allow, |sample| rules.answer(&sample))
            }
        })
        .max()
        .unwrap_or(Effect::Allow)
}

/// The request as a target's matcher sees it.
pub fn sample(action: &Action) -> Option<Sample> {
    let with_port = |authority: &Authority| {
        if authority.port().is_some() {
            authority.clone()
        } else {
            authority.clone().with_port(443)
        }
    };
    Some(match action {
        Action::Connect {
            authority, method, ..
        } => Sample::Connect {
            authority: with_port(authority),
            method: *method,
        },
        Action::Listen { authority } => Sample::Connect {
            authority: with_port(authority),
            method: None,
        },
        Action::Read { path } | Action::Write { path } => Sample::Path(path.clone()),
        Action::Exec(line) => match &line.analysis {
            Analysis::Commands(commands) => match commands.as_slice() {
                [only] => Sample::Argv(only.argv.iter().map(literal).collect::<Option<_>>()?),
                [] | [_, ..] => return None,
            },
            Analysis::Refused(_) => return None,
        },
        Action::Tool {
            kind: ToolKind::Other,
            native: Some(native),
        } => Sample::Name(native.clone()),
        Action::Tool { kind, .. } => Sample::Name(kind.word().to_owned()),
        Action::Mcp { name } => Sample::Mcp(name.clone()),
        Action::Import { module, .. } => Sample::Name(module.clone()),
        Action::Call { function, .. } => Sample::Name(function.clone()),
    })
}

fn literal(word: &Word) -> Option<String> {
    match word {
        Word::Literal(text) => Some(text.clone()),
        Word::OneUnknown | Word::ManyUnknown => None,
    }
}

/// A case once for each method that it names, or once without.
fn expanded<'a, 's>(case: &'a Case<'s>) -> impl Iterator<Item = (&'a Case<'s>, Option<Method>)> {
    let methods = case.methods.iter().copied().map(Some);
    let without = case.methods.is_empty().then_some(None);
    methods.chain(without).map(move |method| (case, method))
}

/// Interpreted verbs belong to the only language, or to the first of several.
fn request(
    policy: &CompiledPolicy,
    case: &Case<'_>,
    method: Option<Method>,
) -> Result<Action, String> {
    let language = policy
        .interpreter
        .keys()
        .next()
        .map_or("python", String::as_str);
    action(case.verb, language, &case.value, method)
}

fn failure(
    case: &Case<'_>,
    method: Option<Method>,
    found: Result<Effect, String>,
    channel: Option<Channel>,
    decision: Option<Decision>,
) -> Failure {
    let method = method.map_or_else(String::new, |method| format!(" methods [{method}]"));
    let case_text = format!("{} \"{}\"{method}", case.verb, case.value);
    Failure {
        case: case_text,
        expected: case.expected.value,
        found,
        channel,
        decision,
        span: case.span,
    }
}

fn outcome(owner: &str, test: &Test<'_>, under: Option<String>, failures: Vec<Failure>) -> Outcome {
    Outcome {
        owner: owner.to_owned(),
        title: test.title.clone(),
        under,
        cases: test.cases.len(),
        failures,
        span: test.span,
    }
}
