//! Names to definitions, texts to types: from the trees of all files to one [`hir::Program`].
//!
//! A name is visible in the file that declares it, in every file that imports that one, however far
//! away, and everywhere if it ships with the compiler. What cannot be resolved is reported and left
//! out, so that the later phases see sound things only.

mod body;
mod fields;
mod imports;

use std::collections::BTreeMap;

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;

use crate::diagnostics::{
    Diagnostic, DuplicateName, NarrowsCycle, NotImported, RedeclaredCurated, UnknownName,
};
use crate::hir::{self, PackId, PolicyId};
use crate::load::Loaded;
use crate::nearest::nearest;
use crate::source::{FileId, Span};
use crate::syntax::ast;
use imports::Visibility;

/// Resolves the trees of all files, `trees` in the order of their ids.
pub fn resolve<'s>(
    loaded: &'s Loaded,
    trees: &[ast::File<'s>],
) -> (hir::Program<'s>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let visibility = imports::visibility(loaded, trees, &mut diagnostics);
    let scope = Scope::declare(loaded, trees, &visibility, &mut diagnostics);
    let mut program = scope.program(trees, &mut diagnostics);
    cut_cycles(&mut program, &mut diagnostics);
    (program, diagnostics)
}

/// What a name can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Policy,
    Pack,
    Server,
    Runtime,
    Sandbox,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Pack => "pack",
            Self::Server => "server",
            Self::Runtime => "runtime",
            Self::Sandbox => "sandbox",
        }
    }
}

/// One declaration: where it stands and its index among its kind.
#[derive(Debug, Clone, Copy)]
struct Declared<'s> {
    name: ast::Name<'s>,
    file: FileId,
    index: usize,
}

/// All declared names. Packs stand under their name and version.
struct Scope<'a, 's> {
    loaded: &'s Loaded,
    visibility: &'a Visibility,
    names: BTreeMap<(Kind, &'s str, &'s str), Declared<'s>>,
}

impl<'a, 's> Scope<'a, 's> {
    fn declare(
        loaded: &'s Loaded,
        trees: &[ast::File<'s>],
        visibility: &'a Visibility,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut scope = Self {
            loaded,
            visibility,
            names: BTreeMap::new(),
        };
        let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
        for (file, item) in items(trees) {
            let Some((kind, name, version)) = declaration(item) else {
                continue;
            };
            if name.text.is_empty() {
                continue;
            }
            let key = (kind, name.text, version);
            if let Some(first) = scope.names.get(&key) {
                diagnostics.push(scope.repeated(kind, name, first));
                continue;
            }
            let index = counts.entry(kind).or_default();
            scope.names.insert(
                key,
                Declared {
                    name,
                    file,
                    index: *index,
                },
            );
            *index += 1;
        }
        scope
    }

    fn repeated(&self, kind: Kind, name: ast::Name<'s>, first: &Declared<'s>) -> Diagnostic {
        if self.loaded.is_curated(first.file) {
            return RedeclaredCurated {
                kind: kind.word(),
                name: name.text.to_owned(),
                span: name.span,
            }
            .render();
        }
        DuplicateName {
            kind: kind.word(),
            name: name.text.to_owned(),
            span: name.span,
            first: first.name.span,
        }
        .render()
    }

    /// Whether `item` is the declaration that its name stands for.
    fn declares(&self, file: FileId, kind: Kind, name: ast::Name<'s>, version: &'s str) -> bool {
        self.names
            .get(&(kind, name.text, version))
            .is_some_and(|it| it.file == file && it.name.span == name.span)
    }

    fn program(
        &self,
        trees: &[ast::File<'s>],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> hir::Program<'s> {
        let mut program = hir::Program::default();
        for (file, item) in items(trees) {
            let Some((kind, name, version)) = declaration(item) else {
                continue;
            };
            if !self.declares(file, kind, name, version) {
                continue;
            }
            match item {
                ast::Item::Import(_) => {}
                ast::Item::Policy(policy) => {
                    program
                        .policies
                        .push(self.policy(file, policy, diagnostics));
                }
                ast::Item::Pack(pack) => program.packs.push(self.pack(file, pack, diagnostics)),
                ast::Item::Server(server) => {
                    program
                        .servers
                        .push(fields::server(file, server, diagnostics));
                }
                ast::Item::Runtime(runtime) => {
                    program
                        .runtimes
                        .push(fields::runtime(file, runtime, diagnostics));
                }
                ast::Item::Sandbox(sandbox) => {
                    program
                        .sandboxes
                        .push(self.sandbox(file, sandbox, diagnostics));
                }
            }
        }
        program
    }

    fn policy(
        &self,
        file: FileId,
        policy: &ast::Policy<'s>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> hir::Policy<'s> {
        let mut parents: Vec<(PolicyId, Span)> = Vec::new();
        for parent in &policy.narrows {
            let found = self
                .find(file, Kind::Policy, *parent, diagnostics)
                .map(PolicyId);
            parents.extend(
                found
                    .filter(|id| parents.iter().all(|(held, _)| held != id))
                    .map(|id| (id, parent.span)),
            );
        }
        let mut resolved = hir::Policy {
            name: policy.name,
            file,
            span: policy.span,
            parents,
            packs: Vec::new(),
            body: hir::Body::default(),
            identity: Vec::new(),
            accepts: Vec::new(),
        };
        for item in &policy.items {
            match item {
                ast::PolicyItem::Use(used) => {
                    resolved
                        .packs
                        .extend(self.pack_used(file, used, diagnostics));
                }
                ast::PolicyItem::Section(section) => {
                    body::section(&mut resolved.body, section, diagnostics);
                }
                ast::PolicyItem::Identity(identity) => {
                    fields::identity(&mut resolved.identity, identity, diagnostics);
                }
                ast::PolicyItem::Tags(tags) => resolved.body.tags.extend(&tags.names),
                ast::PolicyItem::Accept(accept) => {
                    resolved.accepts.push(hir::Accept {
                        gap: accept.gap,
                        because: accept.because.value().into_owned(),
                    });
                }
                ast::PolicyItem::Test(test) => {
                    self.test(file, &mut resolved.body, test, diagnostics);
                }
            }
        }
        resolved
    }

    fn pack(
        &self,
        file: FileId,
        pack: &ast::Pack<'s>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> hir::Pack<'s> {
        let mut resolved = hir::Pack {
            name: pack.name,
            version: pack.version.text,
            file,
            body: hir::Body::default(),
        };
        for item in &pack.items {
            match item {
                ast::PackItem::Section(section) => {
                    body::section(&mut resolved.body, section, diagnostics);
                }
                ast::PackItem::Tags(tags) => resolved.body.tags.extend(&tags.names),
                ast::PackItem::Test(test) => self.test(file, &mut resolved.body, test, diagnostics),
            }
        }
        resolved
    }

    fn test(
        &self,
        file: FileId,
        body: &mut hir::Body<'s>,
        test: &ast::Test<'s>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        if let Some(runtime) = test.under {
            let _ = self.find(file, Kind::Runtime, runtime, diagnostics);
        }
        body.tests.push(body::test(test, diagnostics));
    }

    fn sandbox(
        &self,
        file: FileId,
        sandbox: &ast::Sandbox<'s>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> hir::Sandbox<'s> {
        let (mut resolved, named) = fields::sandbox(sandbox, diagnostics);
        resolved.policy = named.policy.and_then(|name| {
            Some((
                PolicyId(self.find(file, Kind::Policy, name, diagnostics)?),
                name.span,
            ))
        });
        resolved.runtime = named.runtime.and_then(|name| {
            Some((
                self.find(file, Kind::Runtime, name, diagnostics)?,
                name.span,
            ))
        });
        resolved
    }

    /// The index of what `name` stands for in `file`.
    fn find(
        &self,
        file: FileId,
        kind: Kind,
        name: ast::Name<'s>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<usize> {
        if name.text.is_empty() {
            return None;
        }
        let Some(found) = self.names.get(&(kind, name.text, "")) else {
            let known = self
                .names
                .keys()
                .filter(|(of, ..)| *of == kind)
                .map(|(_, name, _)| *name);
            diagnostics.push(unknown(kind.word(), name.text, name.span, known));
            return None;
        };
        self.require_visible(file, kind, name, found, diagnostics);
        Some(found.index)
    }

    fn pack_used(
        &self,
        file: FileId,
        used: &ast::Use<'s>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Option<(PackId, Span)> {
        let of_name: Vec<(&str, &Declared<'s>)> = self
            .names
            .iter()
            .filter(|((kind, name, _), _)| *kind == Kind::Pack && *name == used.pack.text)
            .map(|((_, _, version), declared)| (*version, declared))
            .collect();
        let wanted = used.version.map(|version| version.text);
        // Without a version the newest is meant; versions sort as lists of numbers.
        let found = match wanted {
            Some(wanted) => of_name.iter().find(|(version, _)| *version == wanted),
            None => of_name.iter().max_by_key(|(version, _)| numbers(version)),
        };
        if let Some((_, declared)) = found {
            self.require_visible(file, Kind::Pack, used.pack, declared, diagnostics);
            return Some((PackId(declared.index), used.span));
        }
        let spelt = |name: &str, version: &str| format!("{name}@{version}");
        let all: Vec<String> = self
            .names
            .keys()
            .filter(|(kind, ..)| *kind == Kind::Pack)
            .map(|(_, name, version)| spelt(name, version))
            .collect();
        let name = wanted.map_or_else(
            || used.pack.text.to_owned(),
            |version| spelt(used.pack.text, version),
        );
        let same_name = all
            .iter()
            .rfind(|known| known.split('@').next() == Some(used.pack.text));
        let nearest = same_name
            .map(String::as_str)
            .or_else(|| nearest(&name, all.iter().map(String::as_str)));
        let nearest = nearest.map(str::to_owned);
        let span = used
            .version
            .map_or(used.pack.span, |version| used.pack.span.to(version.span));
        diagnostics.push(
            UnknownName {
                kind: "pack",
                name,
                span,
                nearest,
                known: all,
            }
            .render(),
        );
        None
    }

    fn require_visible(
        &self,
        file: FileId,
        kind: Kind,
        name: ast::Name<'s>,
        found: &Declared<'s>,
        diagnostics: &mut Vec<Diagnostic>,
    ) {
        if found.file == file
            || self.loaded.is_curated(found.file)
            || self.visibility.reaches(file, found.file)
        {
            return;
        }
        let import = imports::path_between(
            self.loaded.sources.path(file),
            self.loaded.sources.path(found.file),
        );
        diagnostics.push(
            NotImported {
                kind: kind.word(),
                name: name.text.to_owned(),
                span: name.span,
                declared: found.name.span,
                import,
            }
            .render(),
        );
    }
}

fn items<'t, 's>(trees: &'t [ast::File<'s>]) -> impl Iterator<Item = (FileId, &'t ast::Item<'s>)> {
    trees
        .iter()
        .zip(0..)
        .flat_map(|(tree, file)| tree.items.iter().map(move |item| (FileId(file), item)))
}

/// The kind, name and version that an item declares.
fn declaration<'s>(item: &ast::Item<'s>) -> Option<(Kind, ast::Name<'s>, &'s str)> {
    match item {
        ast::Item::Import(_) => None,
        ast::Item::Policy(policy) => Some((Kind::Policy, policy.name, "")),
        ast::Item::Pack(pack) => Some((Kind::Pack, pack.name, pack.version.text)),
        ast::Item::Server(server) => Some((Kind::Server, server.name, "")),
        ast::Item::Runtime(runtime) => Some((Kind::Runtime, runtime.name, "")),
        ast::Item::Sandbox(sandbox) => Some((Kind::Sandbox, sandbox.name, "")),
    }
}

/// The report on a name that means nothing where it stands.
fn unknown<'n>(
    kind: &'static str,
    name: &str,
    span: Span,
    known: impl IntoIterator<Item = &'n str>,
) -> Diagnostic {
    let known: Vec<String> = known.into_iter().map(str::to_owned).collect();
    let nearest = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
    UnknownName {
        kind,
        name: name.to_owned(),
        span,
        nearest,
        known,
    }
    .render()
}

fn numbers(version: &str) -> Vec<u64> {
    version
        .split('.')
        .map(|part| part.parse().unwrap_or(0))
        .collect()
}

/// Reports every circle of `narrows` and takes its policies' parents away, so that ancestors end.
fn cut_cycles(program: &mut hir::Program<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let mut graph: DiGraphMap<usize, ()> = DiGraphMap::new();
    for (child, policy) in program.policies.iter().enumerate() {
        for (parent, _) in &policy.parents {
            graph.add_edge(child, parent.0, ());
        }
    }
    for component in tarjan_scc(&graph) {
        let circle = imports::circle(&graph, component);
        if circle.is_empty() {
            continue;
        }
        let named: Vec<&hir::Policy<'_>> = circle
            .iter()
            .filter_map(|index| program.policies.get(*index))
            .collect();
        let links = named
            .iter()
            .map(|policy| (policy.name.text.to_owned(), policy.name.span))
            .collect();
        diagnostics.push(NarrowsCycle { links }.render());
        for index in circle {
            if let Some(policy) = program.policies.get_mut(index) {
                policy.parents.clear();
            }
        }
    }
}
