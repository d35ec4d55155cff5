//! Blocks of fields: servers, runtimes, sandboxes, identities.

use tappass_backends::{ALIASES, PLANNED, PROVIDERS, planned, provider};
use tappass_ir::coverage::AspectExtent;
use tappass_ir::pattern::ArgvPattern;
use tappass_ir::vocabulary::{Aspect, Ring};

use crate::diagnostics::{
    Diagnostic, DuplicateField, MissingField, ProviderAlias, UnsupportedHarness, WrongRing,
    WrongValue,
};
use crate::hir::{self, Choice, RingChoice};
use crate::source::FileId;
use crate::syntax::ast;

/// Reports a field that stands twice; true if this one is the first.
fn first<'s>(
    seen: &mut Vec<ast::Name<'s>>,
    field: &ast::Field<'s>,
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    if let Some(earlier) = seen.iter().find(|name| name.text == field.name.text) {
        diagnostics.push(
            DuplicateField {
                name: field.name.text.to_owned(),
                span: field.name.span,
                first: earlier.span,
            }
            .render(),
        );
        return false;
    }
    seen.push(field.name);
    true
}

fn unknown_field(field: &ast::Field<'_>, known: &[&str], diagnostics: &mut Vec<Diagnostic>) {
    unknown("field", field.name, known, diagnostics);
}

fn unknown(
    kind: &'static str,
    name: ast::Name<'_>,
    known: &[&str],
    diagnostics: &mut Vec<Diagnostic>,
) {
    diagnostics.push(super::unknown(
        kind,
        name.text,
        name.span,
        known.iter().copied(),
    ));
}

fn wrong_value(field: &ast::Field<'_>, expected: &'static str, diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.push(
        WrongValue {
            field: field.name.text.to_owned(),
            span: field.value.span(),
            expected: expected.to_owned(),
        }
        .render(),
    );
}

fn text(
    field: &ast::Field<'_>,
    expected: &'static str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<String> {
    match &field.value {
        ast::Value::Text(text) => Some(text.value().into_owned()),
        ast::Value::Name { .. } | ast::Value::Number(_) | ast::Value::Names { .. } => {
            wrong_value(field, expected, diagnostics);
            None
        }
    }
}

fn name<'s>(
    field: &ast::Field<'s>,
    expected: &'static str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ast::Name<'s>> {
    match &field.value {
        ast::Value::Name {
            name,
            version: None,
            at: None,
        } => Some(*name),
        ast::Value::Name { .. }
        | ast::Value::Text(_)
        | ast::Value::Number(_)
        | ast::Value::Names { .. } => {
            wrong_value(field, expected, diagnostics);
            None
        }
    }
}

pub(super) fn identity<'s>(
    identity: &mut Vec<(ast::Name<'s>, String)>,
    block: &ast::Identity<'s>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut seen: Vec<ast::Name<'s>> = identity.iter().map(|(name, _)| *name).collect();
    for field in &block.fields {
        if !first(&mut seen, field, diagnostics) {
            continue;
        }
        match &field.value {
            ast::Value::Text(text) => identity.push((field.name, text.value().into_owned())),
            ast::Value::Name {
                name,
                version: None,
                at: None,
            } => identity.push((field.name, name.text.to_owned())),
            ast::Value::Name { .. } | ast::Value::Number(_) | ast::Value::Names { .. } => {
                wrong_value(field, "a name or a quoted string", diagnostics);
            }
        }
    }
}

pub(super) fn server<'s>(
    file: FileId,
    server: &ast::Server<'s>,
    diagnostics: &mut Vec<Diagnostic>,
) -> hir::Server<'s> {
    let mut seen = Vec::new();
    let (mut url, mut command) = (None, None);
    for field in &server.fields {
        if !first(&mut seen, field, diagnostics) {
            continue;
        }
        match field.name.text {
            "url" => url = text(field, "a quoted URL", diagnostics),
            "command" => command = text(field, "a quoted command", diagnostics),
            _ => unknown_field(field, &["url", "command"], diagnostics),
        }
    }
    let reach = match (url, command) {
        (Some(url), None) => hir::Reach::Url(url),
        (None, Some(command)) => hir::Reach::Command(words(&command)),
        (Some(_), Some(_)) | (None, None) => {
            diagnostics.push(
                MissingField {
                    block: "server",
                    name: server.name.text.to_owned(),
                    span: server.name.span,
                    field: "either `url` or `command`".to_owned(),
                }
                .render(),
            );
            hir::Reach::Command(Vec::new())
        }
    };
    hir::Server {
        name: server.name,
        file,
        reach,
    }
}

/// The words of a command line without expansions, split and unquoted as an exec pattern is.
fn words(command: &str) -> Vec<String> {
    let split = ArgvPattern::parse(command).ok();
    let literal = split.and_then(|pattern| pattern.words().map(|word| word.as_literal()).collect());
    literal.unwrap_or_else(|| vec![command.to_owned()])
}

pub(super) fn runtime<'s>(
    file: FileId,
    runtime: &ast::Runtime<'s>,
    diagnostics: &mut Vec<Diagnostic>,
) -> hir::Runtime<'s> {
    let mut seen = Vec::new();
    let mut rings = Vec::new();
    for field in &runtime.fields {
        if !first(&mut seen, field, diagnostics) {
            continue;
        }
        let Some(ring) = Ring::from_word(field.name.text) else {
            let known: Vec<&str> = Ring::ALL.iter().map(|ring| ring.word()).collect();
            unknown_field(field, &known, diagnostics);
            continue;
        };
        rings.extend(ring_choice(ring, field, diagnostics));
    }
    if !seen.iter().any(|name| name.text == Ring::Harness.word()) && rings.is_empty() {
        diagnostics.push(
            MissingField {
                block: "runtime",
                name: runtime.name.text.to_owned(),
                span: runtime.name.span,
                field: "`harness`".to_owned(),
            }
            .render(),
        );
    }
    rings.sort_by_key(|choice: &RingChoice<'_>| choice.ring);
    hir::Runtime {
        name: runtime.name,
        file,
        span: runtime.span,
        rings,
    }
}

fn ring_choice<'s>(
    ring: Ring,
    field: &ast::Field<'s>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<RingChoice<'s>> {
    let span = field.value.span();
    match &field.value {
        ast::Value::Text(text) if ring == Ring::Harness => {
            diagnostics.push(
                UnsupportedHarness {
                    harness: text.raw.to_owned(),
                    span,
                }
                .render(),
            );
            Some(RingChoice {
                ring,
                choice: Choice::Unsupported(text.raw),
                at: None,
                span,
            })
        }
        ast::Value::Name { name, at, .. } => {
            let choice = provider_choice(ring, *name, diagnostics)?;
            Some(RingChoice {
                ring,
                choice,
                at: at.map(|at| at.value().into_owned()),
                span,
            })
        }
        ast::Value::Text(_) | ast::Value::Number(_) | ast::Value::Names { .. } => {
            wrong_value(field, "the id of a provider", diagnostics);
            None
        }
    }
}

fn provider_choice<'s>(
    ring: Ring,
    name: ast::Name<'s>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Choice<'s>> {
    let found =
        provider(name.text).map(|provider| (provider.ring(), Choice::Provider(provider.id())));
    let planned = || {
        let ring = planned(name.text)?;
        let id = ALIASES
            .iter()
            .find(|(alias, _)| *alias == name.text)
            .map_or(name.text, |(_, id)| *id);
        let (_, id) = PLANNED.iter().find(|(_, planned)| *planned == id)?;
        Some((ring, Choice::Planned(id)))
    };
    let Some((home, choice)) = found.or_else(planned) else {
        let of_ring = PROVIDERS
            .iter()
            .filter(|it| it.ring() == ring)
            .map(|it| it.id());
        let also = PLANNED
            .iter()
            .filter(|(of, _)| *of == ring)
            .map(|(_, id)| *id);
        let mut known: Vec<&str> = of_ring.chain(also).collect();
        known.sort_unstable();
        unknown("provider", name, &known, diagnostics);
        return None;
    };
    if home != ring {
        diagnostics.push(
            WrongRing {
                provider: name.text.to_owned(),
                span: name.span,
                ring,
                home,
            }
            .render(),
        );
        return None;
    }
    if choice.id() != name.text {
        diagnostics.push(
            ProviderAlias {
                alias: name.text.to_owned(),
                span: name.span,
                id: choice.id().to_owned(),
            }
            .render(),
        );
    }
    Some(choice)
}

/// The names in a sandbox that only the scope can resolve.
pub(super) struct Named<'s> {
    pub(super) policy: Option<ast::Name<'s>>,
    pub(super) runtime: Option<ast::Name<'s>>,
}

pub(super) fn sandbox<'s>(
    sandbox: &ast::Sandbox<'s>,
    diagnostics: &mut Vec<Diagnostic>,
) -> (hir::Sandbox<'s>, Named<'s>) {
    let mut resolved = hir::Sandbox {
        name: sandbox.name,
        policy: None,
        runtime: None,
        agent: None,
        env: Vec::new(),
        require: Vec::new(),
    };
    let mut named = Named {
        policy: None,
        runtime: None,
    };
    let mut seen = Vec::new();
    for item in &sandbox.items {
        match item {
            ast::SandboxItem::Field(field) => {
                if first(&mut seen, field, diagnostics) {
                    sandbox_field(field, &mut resolved, &mut named, diagnostics);
                }
            }
            ast::SandboxItem::Require(require) => {
                resolved.require.extend(
                    require
                        .entries
                        .iter()
                        .filter_map(|entry| requirement(entry, diagnostics)),
                );
            }
        }
    }
    for (field, missing) in [
        ("`policy`", named.policy.is_none()),
        ("`runtime`", named.runtime.is_none()),
    ] {
        let word = field.trim_matches('`');
        if missing && !seen.iter().any(|name| name.text == word) {
            diagnostics.push(
                MissingField {
                    block: "sandbox",
                    name: sandbox.name.text.to_owned(),
                    span: sandbox.name.span,
                    field: field.to_owned(),
                }
                .render(),
            );
        }
    }
    (resolved, named)
}

fn sandbox_field<'s>(
    field: &ast::Field<'s>,
    resolved: &mut hir::Sandbox<'s>,
    named: &mut Named<'s>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    match field.name.text {
        "policy" => named.policy = name(field, "the name of a policy", diagnostics),
        "runtime" => named.runtime = name(field, "the name of a runtime", diagnostics),
        "agent" => resolved.agent = text(field, "a quoted command", diagnostics),
        "env" => match &field.value {
            ast::Value::Names { names, .. } => {
                resolved.env.extend(names.iter().map(|name| name.text));
            }
            ast::Value::Name { .. } | ast::Value::Text(_) | ast::Value::Number(_) => {
                wrong_value(field, "a list of names such as `[PATH LANG]`", diagnostics);
            }
        },
        "on_missing" => {
            if let Some(choice) = name(field, "`fail` or `degrade`", diagnostics)
                && !["fail", "degrade"].contains(&choice.text)
            {
                unknown("choice", choice, &["fail", "degrade"], diagnostics);
            }
        }
        _ => unknown_field(
            field,
            &["policy", "runtime", "agent", "env", "on_missing"],
            diagnostics,
        ),
    }
}

fn requirement(
    entry: &ast::Requirement<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<hir::Requirement> {
    // `identity` is no row of the report, so nothing can be required of it.
    let aspects: Vec<&str> = Aspect::ALL
        .iter()
        .filter(|aspect| **aspect != Aspect::Identity)
        .map(|aspect| aspect.word())
        .collect();
    let aspect = Aspect::from_word(entry.aspect.text).filter(|aspect| *aspect != Aspect::Identity);
    if aspect.is_none() {
        unknown("aspect", entry.aspect, &aspects, diagnostics);
    }
    let extent = AspectExtent::from_word(entry.extent.text);
    if extent.is_none() {
        unknown("extent", entry.extent, &["full", "partial"], diagnostics);
    }
    let compulsory = match entry.strength {
        None => Some(false),
        Some(word) if word.text == "compulsory" => Some(true),
        Some(word) => {
            unknown("strength", word, &["compulsory"], diagnostics);
            None
        }
    };
    Some(hir::Requirement {
        aspect: aspect?,
        extent: extent?,
        compulsory: compulsory?,
        span: entry.span,
    })
}
