//! Tokens to tree: the driver of the grammar.
//!
//! It dispatches on the word that begins a statement, owns blocks, and recovers statement by
//! statement: what does not parse is reported once and skipped, and whatever is sound before and
//! behind it is kept. Depth is capped by the pre-scan and blocks nest three deep, so that no text
//! can exhaust the stack.

use chumsky::prelude::*;
use tappass_ir::vocabulary::{Effect, Verb};

use super::MAX_ERRORS;
use super::ast::{
    Accept, Case, Field, File, Identity, Import, Item, Limit, Name, Pack, PackItem, Pattern,
    Patterns, Policy, PolicyItem, Require, Requirement, Rule, Runtime, Sandbox, SandboxItem,
    Section, SectionItem, SectionKind, Server, Tags, Test, Text, Use, Version,
};
use super::fault::{Expected, Fault};
use super::grammar::{Grammar, Input, SourceText, Statements, Tokens};
use super::lexer::lex;
use super::outline::{find_too_deep, mark_boundaries};
use super::token::{Token, TokenKind};
use super::words::{
    Block, FileHead, MODIFIERS, PackHead, PolicyHead, SandboxHead, SectionHead, takes_names,
};
use crate::diagnostics::{
    Diagnostic, MisplacedStatement, MisspeltKeyword, NestingTooDeep, SyntaxError, TooManyErrors,
    UnclosedBlock, UnclosedBracket, UnmatchedBrace, UnquotedPattern,
};
use crate::nearest::nearest;
use crate::source::{FileId, Span, Spanned};

/// Parses a file. At most [`MAX_ERRORS`] diagnostics, in the order of the text.
pub fn parse(file: FileId, text: &str) -> (File<'_>, Vec<Diagnostic>) {
    if u32::try_from(text.len()).is_err() {
        return (File::default(), vec![SyntaxError::too_long(file).render()]);
    }
    let (mut lexed, mut diagnostics) = lex(file, text);
    mark_boundaries(&mut lexed.tokens);
    let mut sound = lexed.tokens.len();
    if let Some(deep) = find_too_deep(&lexed.tokens) {
        diagnostics.push(
            NestingTooDeep {
                span: deep.at.span(file),
            }
            .render(),
        );
        sound = deep.sound;
    }
    let tokens = lexed.tokens.get(..sound).unwrap_or_default();
    let (items, faults) = drive(SourceText { file, text }, tokens);
    diagnostics.extend(faults);
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span);
    cap(&mut diagnostics);
    (
        File {
            items,
            comments: lexed.comments,
        },
        diagnostics,
    )
}

fn cap(diagnostics: &mut Vec<Diagnostic>) {
    if let Some(last) = diagnostics.get(MAX_ERRORS) {
        let span = last.primary.span;
        diagnostics.truncate(MAX_ERRORS - 1);
        diagnostics.push(TooManyErrors { span }.render());
    }
}

fn drive<'src>(source: SourceText<'src>, tokens: &[Token]) -> (Vec<Item<'src>>, Vec<Diagnostic>) {
    let statements = Statements::new(source);
    let whole = custom(|input: &mut Input<'_, '_>| {
        let mut driver = Driver {
            input,
            tokens,
            source,
            statements: &statements,
            diagnostics: Vec::new(),
            open: Vec::new(),
        };
        let items = driver.file();
        Ok::<_, Fault>((items, driver.diagnostics))
    });
    whole.parse(tokens).into_output().unwrap_or_default()
}

struct Driver<'t: 'p, 'p, 'i, 'src> {
    input: &'i mut Input<'t, 'p>,
    tokens: Tokens<'t>,
    source: SourceText<'src>,
    statements: &'i Statements<'t, 'src>,
    diagnostics: Vec<Diagnostic>,
    /// The blocks that are open, outermost first; the file itself is not among them.
    open: Vec<Block>,
}

/// The word that begins a statement, as the statement is understood: a misspelt word counts as
/// the one that it was probably meant to be.
#[derive(Debug, Clone, Copy)]
struct Head<K> {
    kind: K,
    span: Span,
}

impl<'t, 'src: 't> Driver<'t, '_, '_, 'src> {
    fn file(&mut self) -> Vec<Item<'src>> {
        let mut items = Vec::new();
        while let Some(token) = self.peek() {
            if token.kind == TokenKind::CloseBrace {
                self.report(
                    UnmatchedBrace {
                        span: self.source.span(token),
                    }
                    .render(),
                );
                self.bump();
            } else {
                items.extend(self.item());
            }
        }
        items
    }

    fn item(&mut self) -> Option<Item<'src>> {
        let head = self.head(Block::File, FileHead::of)?;
        match head.kind {
            FileHead::Import => self.import(head.span).map(Item::Import),
            FileHead::Policy => self.policy(head.span).map(Item::Policy),
            FileHead::Pack => self.pack(head.span).map(Item::Pack),
            FileHead::Server => self.server(head.span).map(Item::Server),
            FileHead::Runtime => self.runtime(head.span).map(Item::Runtime),
            FileHead::Sandbox => self.sandbox(head.span).map(Item::Sandbox),
        }
    }

    fn import(&mut self, head: Span) -> Option<Import<'src>> {
        let path = self.statement(&self.statements.import)?;
        Some(Import {
            path,
            span: self.since(head),
        })
    }

    fn policy(&mut self, head: Span) -> Option<Policy<'src>> {
        let name = self.part(&self.statements.name);
        let narrows = name.and_then(|_| self.part(&self.statements.narrows));
        self.open(Block::Policy, narrows.is_some())?;
        let items = self.block(Block::Policy, head, Self::policy_item);
        Some(Policy {
            name: name.unwrap_or_else(|| missing(head)),
            narrows: narrows.unwrap_or_default(),
            items,
            span: self.since(head),
        })
    }

    fn pack(&mut self, head: Span) -> Option<Pack<'src>> {
        let name = self.part(&self.statements.name);
        let version = name.and_then(|_| self.part(&self.statements.at_version));
        self.open(Block::Pack, version.is_some())?;
        let items = self.block(Block::Pack, head, Self::pack_item);
        let name = name.unwrap_or_else(|| missing(head));
        let nowhere = Version {
            text: "",
            span: missing(name.span).span,
        };
        let version = version.unwrap_or(nowhere);
        Some(Pack {
            name,
            version,
            items,
            span: self.since(head),
        })
    }

    fn server(&mut self, head: Span) -> Option<Server<'src>> {
        let name = self.named_block(Block::Fields, head)?;
        let fields = self.block(Block::Fields, head, Self::field);
        Some(Server {
            name,
            fields,
            span: self.since(head),
        })
    }

    fn runtime(&mut self, head: Span) -> Option<Runtime<'src>> {
        let name = self.named_block(Block::Fields, head)?;
        let fields = self.block(Block::Fields, head, Self::field);
        Some(Runtime {
            name,
            fields,
            span: self.since(head),
        })
    }

    fn sandbox(&mut self, head: Span) -> Option<Sandbox<'src>> {
        let name = self.named_block(Block::Sandbox, head)?;
        let items = self.block(Block::Sandbox, head, Self::sandbox_item);
        Some(Sandbox {
            name,
            items,
            span: self.since(head),
        })
    }

    fn policy_item(&mut self) -> Option<PolicyItem<'src>> {
        let head = self.head(Block::Policy, PolicyHead::of)?;
        match head.kind {
            PolicyHead::Use => self.use_pack(head.span).map(PolicyItem::Use),
            PolicyHead::Identity => self.identity(head.span).map(PolicyItem::Identity),
            PolicyHead::Accept => self.accept(head.span).map(PolicyItem::Accept),
            PolicyHead::Shared(kind) => self
                .shared_item(Head {
                    kind,
                    span: head.span,
                })
                .map(|item| match item {
                    PackItem::Section(section) => PolicyItem::Section(section),
                    PackItem::Tags(tags) => PolicyItem::Tags(tags),
                    PackItem::Test(test) => PolicyItem::Test(test),
                }),
        }
    }

    fn pack_item(&mut self) -> Option<PackItem<'src>> {
        let head = self.head(Block::Pack, PackHead::of)?;
        self.shared_item(head)
    }

    fn shared_item(&mut self, head: Head<PackHead>) -> Option<PackItem<'src>> {
        let Head { kind, span } = head;
        match kind {
            PackHead::Network => self.section(span, SectionKind::Network),
            PackHead::Filesystem => self.section(span, SectionKind::Filesystem),
            PackHead::Tools => self.section(span, SectionKind::Tools),
            PackHead::Budget => self.section(span, SectionKind::Budget),
            PackHead::Interpreter => self.interpreter(span),
            PackHead::Compliance => self.tags(span).map(PackItem::Tags),
            PackHead::Test => self.test(span).map(PackItem::Test),
        }
    }

    fn use_pack(&mut self, head: Span) -> Option<Use<'src>> {
        let (pack, version) = self.statement(&self.statements.use_pack)?;
        Some(Use {
            pack,
            version,
            span: self.since(head),
        })
    }

    fn identity(&mut self, head: Span) -> Option<Identity<'src>> {
        self.open(Block::Fields, true)?;
        let fields = self.block(Block::Fields, head, Self::field);
        Some(Identity {
            fields,
            span: self.since(head),
        })
    }

    fn accept(&mut self, head: Span) -> Option<Accept<'src>> {
        let (gap, because) = self.statement(&self.statements.accept)?;
        Some(Accept {
            gap,
            because,
            span: self.since(head),
        })
    }

    fn section(&mut self, head: Span, kind: SectionKind<'src>) -> Option<PackItem<'src>> {
        self.open(Block::Section, true)?;
        Some(self.section_body(head, kind))
    }

    fn interpreter(&mut self, head: Span) -> Option<PackItem<'src>> {
        let language = self.named_block(Block::Section, head)?;
        Some(self.section_body(head, SectionKind::Interpreter(language)))
    }

    fn section_body(&mut self, head: Span, kind: SectionKind<'src>) -> PackItem<'src> {
        let items = self.block(Block::Section, head, Self::section_item);
        PackItem::Section(Section {
            kind,
            head,
            items,
            span: self.since(head),
        })
    }

    fn tags(&mut self, head: Span) -> Option<Tags<'src>> {
        let names = self.statement(&self.statements.tags)?;
        Some(Tags {
            names,
            span: self.since(head),
        })
    }

    fn section_item(&mut self) -> Option<SectionItem<'src>> {
        let head = self.head(Block::Section, SectionHead::of)?;
        let effect = match head.kind {
            SectionHead::Limit => return self.limit(head.span).map(SectionItem::Limit),
            SectionHead::Allow => Effect::Allow,
            SectionHead::Ask => Effect::Ask,
            SectionHead::Deny => Effect::Deny,
        };
        self.rule(Spanned {
            value: effect,
            span: head.span,
        })
        .map(SectionItem::Rule)
    }

    fn limit(&mut self, head: Span) -> Option<Limit<'src>> {
        let limit = self.statement(&self.statements.limit)?;
        Some(Limit {
            span: head.to(limit.span),
            ..limit
        })
    }

    fn rule(&mut self, effect: Spanned<Effect>) -> Option<Rule<'src>> {
        let body = self.statement(&self.statements.rule)?;
        let rule = body.under(effect, self.since(effect.span));
        match &rule.patterns {
            Patterns::One(pattern) => self.check_quotes(rule.verb.value, *pattern),
            Patterns::List { patterns, .. } => {
                for pattern in patterns {
                    self.check_quotes(rule.verb.value, *pattern);
                }
            }
            Patterns::Category { .. } => {}
        }
        Some(rule)
    }

    fn check_quotes(&mut self, verb: Verb, pattern: Pattern<'src>) {
        match pattern {
            Pattern::Name(name) if !takes_names(verb) => {
                let pattern = name.text.to_owned();
                self.report(
                    UnquotedPattern {
                        verb,
                        pattern,
                        span: name.span,
                    }
                    .render(),
                );
            }
            Pattern::Name(_) | Pattern::Text(_) => {}
        }
    }

    fn test(&mut self, head: Span) -> Option<Test<'src>> {
        let title = self.part(&self.statements.text);
        let under = title.and_then(|_| self.part(&self.statements.under));
        self.open(Block::Test, under.is_some())?;
        let cases = self.block(Block::Test, head, Self::case);
        let nothing = Text {
            raw: "",
            span: missing(head).span,
        };
        let title = title.unwrap_or(nothing);
        Some(Test {
            title,
            under: under.flatten(),
            cases,
            span: self.since(head),
        })
    }

    fn case(&mut self) -> Option<Case<'src>> {
        let verb = self.case_verb()?;
        let body = self.statement(&self.statements.case)?;
        self.check_quotes(verb.value, body.pattern);
        Some(Case {
            verb,
            pattern: body.pattern,
            methods: body.methods,
            effect: body.effect,
            span: self.since(verb.span),
        })
    }

    fn case_verb(&mut self) -> Option<Spanned<Verb>> {
        let token = self.peek()?;
        let span = self.source.span(token);
        if let Some(value) = self.verb_at(self.at()) {
            self.bump();
            return Some(Spanned { value, span });
        }
        let verbs = Verb::ALL.iter().map(|verb| verb.word());
        match self.misspelt(token, verbs).and_then(Verb::from_word) {
            Some(value) => {
                self.report_misspelt(span, value.word());
                self.bump();
                Some(Spanned { value, span })
            }
            None => self.refuse(Block::Test),
        }
    }

    fn sandbox_item(&mut self) -> Option<SandboxItem<'src>> {
        if self.at_field() {
            return self.field().map(SandboxItem::Field);
        }
        let head = self.head(Block::Sandbox, SandboxHead::of)?;
        match head.kind {
            SandboxHead::Require => self.require(head.span).map(SandboxItem::Require),
        }
    }

    fn require(&mut self, head: Span) -> Option<Require<'src>> {
        self.open(Block::Require, true)?;
        let entries = self.block(Block::Require, head, Self::requirement);
        Some(Require {
            entries,
            span: self.since(head),
        })
    }

    fn requirement(&mut self) -> Option<Requirement<'src>> {
        let aspect = self.field_name(Block::Require)?;
        let (extent, strength) = self.statement(&self.statements.requirement)?;
        Some(Requirement {
            aspect,
            extent,
            strength,
            span: self.since(aspect.span),
        })
    }

    fn field(&mut self) -> Option<Field<'src>> {
        let name = self.field_name(Block::Fields)?;
        let value = self.statement(&self.statements.field_value)?;
        Some(Field {
            name,
            value,
            span: self.since(name.span),
        })
    }

    /// A name and its colon. `=` is reported and understood as the colon.
    fn field_name(&mut self, block: Block) -> Option<Name<'src>> {
        if !self.at_field() {
            return self.refuse(block);
        }
        let name = self.peek().map(|token| self.source.name(token))?;
        self.bump();
        if let Some(token) = self.peek().filter(|token| token.kind == TokenKind::Equals) {
            let span = self.source.span(token);
            self.report(SyntaxError::replaceable("`:`", "=", span, ":").render());
        }
        self.bump();
        Some(name)
    }
}

/// Blocks.
impl<'t, 'src: 't> Driver<'t, '_, '_, 'src> {
    /// The head of a block that has nothing but a name.
    fn named_block(&mut self, block: Block, head: Span) -> Option<Name<'src>> {
        let name = self.part(&self.statements.name);
        self.open(block, name.is_some())?;
        Some(name.unwrap_or_else(|| missing(head)))
    }

    /// One part of the head of a block; a fault is reported and nothing is skipped.
    fn part<O>(&mut self, grammar: &Grammar<'t, O>) -> Option<O> {
        let start = self.at().saturating_sub(1);
        match self.attempt(grammar) {
            Ok(part) => Some(part),
            Err(fault) => {
                self.report_fault(start, fault);
                None
            }
        }
    }

    /// The opening brace, behind a head which was `sound` so far. `None` if there is no block to
    /// parse: neither a brace nor anything that could only stand inside.
    fn open(&mut self, block: Block, sound: bool) -> Option<()> {
        if sound && self.part(&self.statements.open_brace).is_some() {
            return Some(());
        }
        let mut at = self.at();
        while let Some(token) = self.tokens.get(at) {
            if token.kind == TokenKind::OpenBrace {
                self.seek(at + 1);
                return Some(());
            }
            if token.boundary || token.kind == TokenKind::CloseBrace || self.begins(block, at) {
                break;
            }
            at += 1;
        }
        self.seek(at);
        let inside = self.begins(block, at) && !self.begins(self.current(), at);
        inside.then_some(())
    }

    /// The statements of a block whose brace is consumed, up to and with the closing brace.
    fn block<T>(
        &mut self,
        block: Block,
        head: Span,
        statement: impl Fn(&mut Self) -> Option<T>,
    ) -> Vec<T> {
        self.open.push(block);
        let mut items = Vec::new();
        loop {
            let Some(token) = self.peek() else {
                let end = Span::new(self.source.file, self.end_of_text(), self.end_of_text());
                self.report(
                    UnclosedBlock {
                        at: end,
                        next: None,
                        opened: head,
                    }
                    .render(),
                );
                break;
            };
            if token.kind == TokenKind::CloseBrace {
                self.bump();
                break;
            }
            if self.is_outer_head(self.at()) {
                let next = Some(self.source.of(token).to_owned());
                let at = self.source.span(token);
                self.report(
                    UnclosedBlock {
                        at,
                        next,
                        opened: head,
                    }
                    .render(),
                );
                break;
            }
            items.extend(statement(self));
        }
        self.open.pop();
        items
    }

    fn current(&self) -> Block {
        self.open.last().copied().unwrap_or(Block::File)
    }

    /// Whether the token begins a statement of a block around the current one, and none of the
    /// current one.
    fn is_outer_head(&self, at: usize) -> bool {
        let marked = self.tokens.get(at).is_some_and(|token| token.boundary);
        marked && !self.begins(self.current(), at) && self.is_head_of_open_block(at)
    }

    fn is_head_of_open_block(&self, at: usize) -> bool {
        let kind = self.tokens.get(at).map(|token| token.kind);
        let blocks = std::iter::once(&Block::File).chain(&self.open);
        let begun = kind.is_some_and(|kind| blocks.into_iter().any(|block| block.begins(kind)));
        begun && !self.is_field(at)
    }

    /// Whether a statement of `block` may begin at this token.
    fn begins(&self, block: Block, at: usize) -> bool {
        match block {
            Block::Test => self.verb_at(at).is_some(),
            Block::Fields | Block::Require => self.is_field(at),
            Block::Sandbox => self.is_field(at) || self.is_head(block, at),
            Block::File | Block::Policy | Block::Pack | Block::Section => self.is_head(block, at),
        }
    }

    fn is_head(&self, block: Block, at: usize) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| block.begins(token.kind))
            && !self.is_field(at)
    }

    fn verb_at(&self, at: usize) -> Option<Verb> {
        let token = self
            .tokens
            .get(at)
            .filter(|token| token.kind.is_name() && !token.boundary)?;
        Verb::from_word(self.source.of(*token))
    }

    fn is_field(&self, at: usize) -> bool {
        let kind = |at: usize| self.tokens.get(at).map(|token| token.kind);
        kind(at).is_some_and(TokenKind::is_name)
            && matches!(kind(at + 1), Some(TokenKind::Colon | TokenKind::Equals))
    }

    fn at_field(&self) -> bool {
        self.is_field(self.at())
    }
}

/// Statements and recovery.
impl<'t, 'src: 't> Driver<'t, '_, '_, 'src> {
    /// The word that begins the next statement of `block`. What is no such word is reported and
    /// skipped.
    fn head<K>(&mut self, block: Block, of: impl Fn(TokenKind) -> Option<K>) -> Option<Head<K>> {
        let token = self.peek()?;
        let span = self.source.span(token);
        if self.at_field() {
            return self.refuse(block);
        }
        if let Some(kind) = of(token.kind) {
            self.bump();
            return Some(Head { kind, span });
        }
        let heads = block.heads().iter().map(|head| (head.text(), of(*head)));
        // A modifier may stand on a line of its own, behind the rule.
        let modifiers = if block == Block::Section {
            MODIFIERS
        } else {
            &[]
        };
        let words: Vec<_> = heads
            .chain(modifiers.iter().map(|kind| (kind.text(), None)))
            .collect();
        let Some(meant) = self.misspelt(token, words.iter().map(|(text, _)| *text)) else {
            return self.refuse(block);
        };
        self.report_misspelt(span, meant);
        let kind = words
            .into_iter()
            .find(|(text, _)| *text == meant)
            .and_then(|(_, kind)| kind);
        match kind {
            Some(_) => self.bump(),
            None => self.recover(self.at(), self.at()),
        }
        kind.map(|kind| Head { kind, span })
    }

    fn misspelt(
        &self,
        token: Token,
        words: impl Iterator<Item = &'static str>,
    ) -> Option<&'static str> {
        let is_word = token.kind.is_name() && Block::home_of(token.kind).is_none();
        is_word
            .then(|| nearest(self.source.of(token), words))
            .flatten()
    }

    /// Reports that no statement of `block` begins here, and skips what does.
    fn refuse<T>(&mut self, block: Block) -> Option<T> {
        let at = self.at();
        let token = self.peek()?;
        let span = self.source.span(token);
        let found = self.source.of(token);
        let home = Block::home_of(token.kind).filter(|_| !self.at_field());
        match home {
            Some(home) => {
                let word = token.kind.text();
                self.report(
                    MisplacedStatement {
                        word,
                        block,
                        home,
                        span,
                    }
                    .render(),
                );
            }
            None if token.kind.is_reported() => {}
            None => self.report(SyntaxError::found(block.statement(), found, span).render()),
        }
        self.recover(at, at);
        None
    }

    /// The rest of a statement whose first word is consumed. A fault is reported, and the
    /// statement skipped.
    fn statement<O>(&mut self, grammar: &Grammar<'t, O>) -> Option<O> {
        let start = self.at().saturating_sub(1);
        match self.attempt(grammar) {
            Ok(statement) => Some(statement),
            Err(fault) => {
                self.report_fault(start, fault);
                self.recover(start, fault.at);
                None
            }
        }
    }

    fn attempt<O>(&mut self, grammar: &Grammar<'t, O>) -> Result<O, Fault> {
        let before = self.input.save();
        let result = self.input.parse(grammar);
        if result.is_err() {
            self.input.rewind(before);
        }
        result
    }

    /// Skips to where the next statement begins or the block ends. `start` is the first token of
    /// the statement that failed, `fault` the token at which it failed.
    fn recover(&mut self, start: usize, fault: usize) {
        let mut depth = 0_usize;
        let mut at = start + 1;
        // The first token is looked at for its brace only, so that recovery always moves.
        if self
            .tokens
            .get(start)
            .is_some_and(|token| token.kind == TokenKind::OpenBrace)
        {
            depth = 1;
        }
        while let Some(token) = self.tokens.get(at) {
            let stops = if depth == 0 {
                self.begins_next_statement(at, fault)
                    || (at >= fault && token.kind == TokenKind::CloseBrace)
            } else {
                token.boundary && self.is_head_of_open_block(at)
            };
            if stops {
                break;
            }
            at += 1;
            if at > fault && token.kind == TokenKind::OpenBrace {
                depth += 1;
            } else if depth > 0 && token.kind == TokenKind::CloseBrace {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
        }
        self.seek(at);
    }

    fn begins_next_statement(&self, at: usize, fault: usize) -> bool {
        let Some(token) = self.tokens.get(at) else {
            return true;
        };
        let before = at
            .checked_sub(1)
            .and_then(|at| self.tokens.get(at))
            .map(|token| token.kind);
        if token.boundary {
            return true;
        }
        match self.current() {
            // A rule may begin in the middle of a line, so that what stands before the fault,
            // where an effect's word may be a name, must not count.
            Block::Section => {
                let awaited = before.is_some_and(TokenKind::awaits_effect);
                at >= fault && token.kind.is_effect() && !awaited
            }
            Block::Test => token.starts_line && self.verb_at(at).is_some(),
            Block::File
            | Block::Policy
            | Block::Pack
            | Block::Fields
            | Block::Sandbox
            | Block::Require => false,
        }
    }
}

/// Faults to diagnostics.
impl<'t, 'src: 't> Driver<'t, '_, '_, 'src> {
    fn report(&mut self, diagnostic: Diagnostic) {
        // One more than is shown: the caller sees that there were too many.
        if self.diagnostics.len() <= MAX_ERRORS {
            self.diagnostics.push(diagnostic);
        }
    }

    fn report_misspelt(&mut self, span: Span, meant: &'static str) {
        let found = self.source.text.get(span.range()).unwrap_or("").to_owned();
        self.report(MisspeltKeyword { found, meant, span }.render());
    }

    fn report_fault(&mut self, start: usize, fault: Fault) {
        let statement = self.tokens.get(start..fault.at).unwrap_or_default();
        let found = self.tokens.get(fault.at).copied();
        if statement
            .iter()
            .chain(found.as_ref())
            .any(|token| token.kind.is_reported())
        {
            return;
        }
        if let Some(bracket) = self.unclosed_bracket(statement, fault.at) {
            self.report(bracket.render());
            return;
        }
        // What stands on another line is not part of the statement.
        let found = found.filter(|token| !token.starts_line && !token.boundary);
        let words = fault.expected.iter().flat_map(Expected::words);
        let Some(found) = found else {
            let last = statement.last().copied();
            let span = last.map_or(Span::new(self.source.file, 0, 0), |last| {
                self.source.span(last)
            });
            let after = last.map_or("", |last| self.source.of(last));
            self.report(SyntaxError::after(&fault.expected.describe(), after, span).render());
            return;
        };
        let span = self.source.span(found);
        if let Some(meant) = self.misspelt(found, words) {
            self.report_misspelt(span, meant);
            return;
        }
        let expected = fault.expected.describe();
        let text = self.source.of(found);
        let arrow = found.kind == TokenKind::Equals && fault.expected.contains(Expected::Arrow);
        let error = if arrow {
            SyntaxError::replaceable(&expected, text, span, "=>")
        } else {
            SyntaxError::found(&expected, text, span)
        };
        self.report(error.render());
    }

    /// The list that the statement opens and nothing closes before the next statement.
    fn unclosed_bracket(&self, statement: &[Token], fault: usize) -> Option<UnclosedBracket> {
        let opened = statement.iter().rfind(|token| {
            matches!(token.kind, TokenKind::OpenBracket | TokenKind::CloseBracket)
        })?;
        let behind = self.tokens.get(fault..).unwrap_or_default();
        let next = behind.iter().find(|token| {
            token.boundary
                || matches!(
                    token.kind,
                    TokenKind::OpenBracket
                        | TokenKind::CloseBracket
                        | TokenKind::OpenBrace
                        | TokenKind::CloseBrace
                )
        });
        let closed =
            next.is_some_and(|token| token.kind == TokenKind::CloseBracket && !token.boundary);
        let last = statement.last().map_or(opened.end, |token| token.end);
        (opened.kind == TokenKind::OpenBracket && !closed).then(|| UnclosedBracket {
            opened: self.source.span(*opened),
            end: Span::new(self.source.file, last, last),
        })
    }
}

/// The token stream.
impl<'t, 'src: 't> Driver<'t, '_, '_, 'src> {
    fn at(&self) -> usize {
        *self.input.cursor().inner()
    }

    fn peek(&self) -> Option<Token> {
        self.tokens.get(self.at()).copied()
    }

    fn bump(&mut self) {
        self.input.skip();
    }

    fn seek(&mut self, at: usize) {
        while self.at() < at.min(self.tokens.len()) {
            self.bump();
        }
    }

    /// From a place to the end of the last token that was consumed.
    fn since(&self, start: Span) -> Span {
        let last = self.at().checked_sub(1).and_then(|at| self.tokens.get(at));
        Span::new(
            start.file,
            start.start,
            last.map_or(start.end, |token| token.end),
        )
    }

    fn end_of_text(&self) -> u32 {
        u32::try_from(self.source.text.len()).unwrap_or(u32::MAX)
    }
}

/// The name that the text lacks, behind the word that should have had one.
fn missing<'src>(head: Span) -> Name<'src> {
    Name {
        text: "",
        span: Span::new(head.file, head.end, head.end),
    }
}
