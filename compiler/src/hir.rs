//! The resolved program: the same words as the tree, with ids instead of names and types instead of
//! texts.
//!
//! Whatever stands here is sound: a rule whose pattern could not be read was reported and left out,
//! and a policy whose ancestors run in a circle has none.

use std::collections::BTreeSet;

use tappass_ir::coverage::AspectExtent;
use tappass_ir::pattern::Pattern;
use tappass_ir::policy::{Limit, Obligations};
use tappass_ir::vocabulary::{Aspect, Effect, Method, Ring, Verb};

use crate::source::{FileId, Span, Spanned};
use crate::syntax::ast;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyId(pub usize);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackId(pub usize);

#[derive(Debug, Default)]
pub struct Program<'s> {
    pub policies: Vec<Policy<'s>>,
    pub packs: Vec<Pack<'s>>,
    pub servers: Vec<Server<'s>>,
    pub runtimes: Vec<Runtime<'s>>,
    pub sandboxes: Vec<Sandbox<'s>>,
}

#[derive(Debug)]
pub struct Policy<'s> {
    pub name: ast::Name<'s>,
    pub file: FileId,
    pub span: Span,
    pub parents: Vec<(PolicyId, Span)>,
    pub packs: Vec<(PackId, Span)>,
    pub body: Body<'s>,
    pub identity: Vec<(ast::Name<'s>, String)>,
    pub accepts: Vec<Accept<'s>>,
}

#[derive(Debug)]
pub struct Pack<'s> {
    pub name: ast::Name<'s>,
    pub version: &'s str,
    pub file: FileId,
    pub body: Body<'s>,
}

/// What a policy and a pack have in common.
#[derive(Debug, Default)]
pub struct Body<'s> {
    pub rules: Vec<Rule<'s>>,
    pub limits: Vec<LimitAt<'s>>,
    pub tags: Vec<ast::Name<'s>>,
    pub tests: Vec<Test<'s>>,
    /// The aspects that have a section, be it empty.
    pub sections: BTreeSet<Aspect>,
}

#[derive(Debug)]
pub struct Rule<'s> {
    pub effect: Effect,
    pub verb: Verb,
    /// Empty for every verb but `import` and `call`.
    pub language: &'s str,
    pub patterns: Vec<PatternAt>,
    pub methods: Vec<Method>,
    pub obligations: Obligations,
    pub span: Span,
}

#[derive(Debug)]
pub struct PatternAt {
    pub pattern: Pattern,
    pub span: Span,
}

#[derive(Debug)]
pub struct LimitAt<'s> {
    pub limit: Limit,
    pub language: &'s str,
    pub span: Span,
}

#[derive(Debug)]
pub struct Accept<'s> {
    pub gap: ast::Name<'s>,
    pub because: String,
}

#[derive(Debug)]
pub struct Test<'s> {
    pub title: String,
    /// The runtime on whose models the cases run as well.
    pub under: Option<ast::Name<'s>>,
    pub cases: Vec<Case<'s>>,
    pub span: Span,
}

#[derive(Debug)]
pub struct Case<'s> {
    pub verb: Verb,
    pub language: Option<&'s str>,
    pub value: String,
    pub value_span: Span,
    /// One request for each method; empty is one request whose method is unknown.
    pub methods: Vec<Method>,
    pub expected: Spanned<Effect>,
    pub span: Span,
}

#[derive(Debug)]
pub struct Server<'s> {
    pub name: ast::Name<'s>,
    pub file: FileId,
    pub reach: Reach,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    Url(String),
    Command(Vec<String>),
}

#[derive(Debug)]
pub struct Runtime<'s> {
    pub name: ast::Name<'s>,
    pub file: FileId,
    pub span: Span,
    /// At most one for each ring.
    pub rings: Vec<RingChoice<'s>>,
}

#[derive(Debug, Clone)]
pub struct RingChoice<'s> {
    pub ring: Ring,
    pub choice: Choice<'s>,
    /// The address behind `at`.
    pub at: Option<String>,
    pub span: Span,
}

/// What a runtime names for a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice<'s> {
    /// A provider that is written.
    Provider(&'static str),
    /// A provider whose id is known.
    Planned(&'static str),
    /// A harness written as a string, which no provider knows.
    Unsupported(&'s str),
}

impl<'s> Choice<'s> {
    pub fn id(self) -> &'s str {
        match self {
            Self::Provider(id) | Self::Planned(id) => id,
            Self::Unsupported(name) => name,
        }
    }
}

#[derive(Debug)]
pub struct Sandbox<'s> {
    pub name: ast::Name<'s>,
    pub policy: Option<(PolicyId, Span)>,
    /// An index into [`Program::runtimes`].
    pub runtime: Option<(usize, Span)>,
    pub agent: Option<String>,
    pub env: Vec<&'s str>,
    pub require: Vec<Requirement>,
}

#[derive(Debug)]
pub struct Requirement {
    pub aspect: Aspect,
    pub extent: AspectExtent,
    pub compulsory: bool,
    pub span: Span,
}

impl<'s> Program<'s> {
    pub fn policy(&self, id: PolicyId) -> Option<&Policy<'s>> {
        self.policies.get(id.0)
    }

    pub fn policy_named(&self, name: &str) -> Option<PolicyId> {
        self.policies
            .iter()
            .position(|policy| policy.name.text == name)
            .map(PolicyId)
    }

    pub fn runtime_named(&self, name: &str) -> Option<&Runtime<'s>> {
        self.runtimes
            .iter()
            .find(|runtime| runtime.name.text == name)
    }

    /// The policy and all its ancestors, each once, the policy first.
    pub fn layers(&self, id: PolicyId) -> Vec<PolicyId> {
        let mut layers = vec![id];
        let mut next = 0;
        while let Some(layer) = layers.get(next).copied() {
            next += 1;
            let parents = self.policy(layer).map_or(&[][..], |policy| &policy.parents);
            for (parent, _) in parents {
                if !layers.contains(parent) {
                    layers.push(*parent);
                }
            }
        }
        layers
    }

    /// The policy's own body and those of the packs that it uses.
    pub fn bodies<'a>(&'a self, policy: &'a Policy<'s>) -> impl Iterator<Item = &'a Body<'s>> {
        let packs = policy
            .packs
            .iter()
            .filter_map(|(pack, _)| self.packs.get(pack.0))
            .map(|pack| &pack.body);
        std::iter::once(&policy.body).chain(packs)
    }

    /// The rules of one layer, its packs' included.
    pub fn rules_of<'a>(&'a self, policy: &'a Policy<'s>) -> impl Iterator<Item = &'a Rule<'s>> {
        self.bodies(policy).flat_map(|body| &body.rules)
    }
}
