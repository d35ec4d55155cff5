//! A line as brush-parser reads it.
//!
//! The walk names every construct of the syntax tree; what it does not name is refused. brush leaves
//! words raw, so each one goes through [`crate::word`], and the commands found inside are parsed and
//! walked in turn, before the command that holds them.

use brush_parser::ast;
use tappass_ir::request::exec::Word;

use crate::caps;
use crate::cursor::is_name;
use crate::refusal::{Reason, Stop, stop};
use crate::simple::{Mode, Redirect, Script, Simple};
use crate::variable;
use crate::word::{self, Inside, Shape};

/// Everything that `text` may run.
pub(crate) fn read(text: &str) -> Result<Script, Stop> {
    let mut walk = Walk {
        script: Script::default(),
        depth: 0,
    };
    walk.text(text)?;
    Ok(walk.script)
}

/// The syntax tree of `text`, or none where the parser fails in whichever way.
fn program(text: &str) -> Option<ast::Program> {
    // brush 0.4 unwraps the character behind some here-documents at the end of its input; blank lines
    // there give it one, and the comparison judges what it makes of them.
    let padded = format!("{text}{}", "\n".repeat(caps::DEPTH));
    // An unwinding build survives what is left of its panics; an aborting one dies, which denies.
    std::panic::catch_unwind(|| {
        let options = brush_parser::ParserOptions::default();
        brush_parser::Parser::new(padded.as_bytes(), &options)
            .parse_program()
            .ok()
    })
    .ok()
    .flatten()
}

/// Words that bash reads as syntax where a command begins. As the name of a simple command one is a
/// misreading: in `time time coproc rm x` bash runs `rm`.
const RESERVED: &[&str] = &[
    "!", "[[", "]]", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for",
    "function", "if", "in", "select", "then", "time", "until", "while", "{", "}",
];

struct Walk {
    script: Script,
    depth: usize,
}

impl Walk {
    fn text(&mut self, text: &str) -> Result<(), Stop> {
        if self.depth > caps::DEPTH {
            return stop(Reason::TooDeep, "");
        }
        self.depth = self.depth.saturating_add(1);
        let Some(program) = program(text) else {
            return stop(Reason::ParseError, text);
        };
        for list in &program.complete_commands {
            self.list(list)?;
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn list(&mut self, list: &ast::CompoundList) -> Result<(), Stop> {
        for ast::CompoundListItem(and_or, _separator) in &list.0 {
            self.pipeline(&and_or.first)?;
            for next in &and_or.additional {
                match next {
                    ast::AndOr::And(pipeline) | ast::AndOr::Or(pipeline) => {
                        self.pipeline(pipeline)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn pipeline(&mut self, pipeline: &ast::Pipeline) -> Result<(), Stop> {
        pipeline
            .seq
            .iter()
            .try_for_each(|command| self.command(command))
    }

    fn command(&mut self, command: &ast::Command) -> Result<(), Stop> {
        match command {
            ast::Command::Simple(simple) => self.simple(simple),
            ast::Command::Compound(compound, redirects) => {
                self.redirected(redirects.as_ref(), |walk| walk.compound(compound))
            }
            ast::Command::Function(function) => self.function(function),
            ast::Command::ExtendedTest(test, redirects) => {
                self.redirected(redirects.as_ref(), |walk| walk.test(&test.expr))
            }
        }
    }

    /// Walks a compound command; the files that it opens are charged to its first simple command.
    fn redirected(
        &mut self,
        redirects: Option<&ast::RedirectList>,
        body: impl FnOnce(&mut Self) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let mut opened = Vec::new();
        for redirect in redirects.iter().flat_map(|list| &list.0) {
            opened.extend(self.redirect(redirect)?);
        }
        let first = self.script.simples.len();
        body(self)?;
        if opened.is_empty() {
            return Ok(());
        }
        match self
            .script
            .simples
            .iter_mut()
            .skip(first)
            .find(|simple| !simple.words.is_empty())
        {
            Some(simple) => {
                simple.redirects.extend(opened);
                Ok(())
            }
            None => stop(Reason::BareRedirection, ""),
        }
    }

    fn compound(&mut self, compound: &ast::CompoundCommand) -> Result<(), Stop> {
        match compound {
            ast::CompoundCommand::Arithmetic(command) => {
                self.script.variables.evaluate(&command.expr.value)
            }
            ast::CompoundCommand::ArithmeticForClause(clause) => self.arithmetic_for(clause),
            ast::CompoundCommand::BraceGroup(group) => self.list(&group.list),
            ast::CompoundCommand::Subshell(subshell) => self.list(&subshell.list),
            ast::CompoundCommand::ForClause(clause) => self.for_clause(clause),
            ast::CompoundCommand::CaseClause(clause) => self.case(clause),
            ast::CompoundCommand::IfClause(clause) => self.if_clause(clause),
            ast::CompoundCommand::WhileClause(clause)
            | ast::CompoundCommand::UntilClause(clause) => {
                self.script.repeats = true;
                self.list(&clause.0)?;
                self.list(&clause.1.list)
            }
            ast::CompoundCommand::Coprocess(_) => stop(Reason::Coprocess, "coproc"),
        }
    }

    fn arithmetic_for(&mut self, clause: &ast::ArithmeticForClauseCommand) -> Result<(), Stop> {
        self.script.repeats = true;
        for part in [&clause.initializer, &clause.condition, &clause.updater]
            .into_iter()
            .flatten()
        {
            self.script.variables.evaluate(&part.value)?;
        }
        self.list(&clause.body.list)
    }

    fn for_clause(&mut self, clause: &ast::ForClauseCommand) -> Result<(), Stop> {
        self.script.repeats = true;
        variable::check(&clause.variable_name)?;
        let mut integer = clause.values.is_some();
        for value in clause.values.iter().flatten() {
            integer &= self.word(&value.value)?.integer;
        }
        self.script.variables.assign(&clause.variable_name, integer);
        self.list(&clause.body.list)
    }

    fn case(&mut self, clause: &ast::CaseClauseCommand) -> Result<(), Stop> {
        self.word(&clause.value.value)?;
        for case in &clause.cases {
            for pattern in &case.patterns {
                self.word(&pattern.value)?;
            }
            if let Some(list) = &case.cmd {
                self.list(list)?;
            }
        }
        Ok(())
    }

    fn if_clause(&mut self, clause: &ast::IfClauseCommand) -> Result<(), Stop> {
        self.list(&clause.condition)?;
        self.list(&clause.then)?;
        for branch in clause.elses.iter().flatten() {
            if let Some(condition) = &branch.condition {
                self.list(condition)?;
            }
            self.list(&branch.body)?;
        }
        Ok(())
    }

    fn function(&mut self, function: &ast::FunctionDefinition) -> Result<(), Stop> {
        self.script.repeats = true;
        variable::check_function(&function.fname.value)?;
        let ast::FunctionBody(body, redirects) = &function.body;
        self.redirected(redirects.as_ref(), |walk| walk.compound(body))
    }

    fn test(&mut self, expr: &ast::ExtendedTestExpr) -> Result<(), Stop> {
        match expr {
            ast::ExtendedTestExpr::And(left, right) | ast::ExtendedTestExpr::Or(left, right) => {
                self.test(left)?;
                self.test(right)
            }
            ast::ExtendedTestExpr::Not(inner) | ast::ExtendedTestExpr::Parenthesized(inner) => {
                self.test(inner)
            }
            ast::ExtendedTestExpr::UnaryTest(predicate, operand) => {
                self.unary(predicate, &operand.value)
            }
            ast::ExtendedTestExpr::BinaryTest(predicate, left, right) => {
                self.binary(predicate, &left.value, &right.value)
            }
        }
    }

    fn unary(&mut self, predicate: &ast::UnaryPredicate, operand: &str) -> Result<(), Stop> {
        self.word(operand)?;
        let names_a_variable = matches!(
            predicate,
            ast::UnaryPredicate::ShellVariableIsSetAndAssigned
                | ast::UnaryPredicate::ShellVariableIsSetAndNameRef
        );
        if names_a_variable && !is_name(operand) {
            stop(Reason::Subscript, operand)
        } else {
            Ok(())
        }
    }

    fn binary(
        &mut self,
        predicate: &ast::BinaryPredicate,
        left: &str,
        right: &str,
    ) -> Result<(), Stop> {
        let arithmetic = matches!(
            predicate,
            ast::BinaryPredicate::ArithmeticEqualTo
                | ast::BinaryPredicate::ArithmeticNotEqualTo
                | ast::BinaryPredicate::ArithmeticLessThan
                | ast::BinaryPredicate::ArithmeticLessThanOrEqualTo
                | ast::BinaryPredicate::ArithmeticGreaterThan
                | ast::BinaryPredicate::ArithmeticGreaterThanOrEqualTo
        );
        for operand in [left, right] {
            self.word(operand)?;
            if arithmetic {
                self.script.variables.compare(operand)?;
            }
        }
        Ok(())
    }

    fn simple(&mut self, command: &ast::SimpleCommand) -> Result<(), Stop> {
        let mut simple = Simple::default();
        for item in command.prefix.iter().flat_map(|prefix| &prefix.0) {
            self.prefix(item, &mut simple)?;
        }
        if let Some(name) = &command.word_or_name {
            if command.prefix.is_none() && RESERVED.contains(&name.value.as_str()) {
                return stop(Reason::UnknownSyntax, &name.value);
            }
            simple.words.push(self.word(&name.value)?);
        }
        for item in command.suffix.iter().flat_map(|suffix| &suffix.0) {
            self.suffix(item, &mut simple)?;
        }
        if simple.words.is_empty() && !simple.redirects.is_empty() {
            return stop(Reason::BareRedirection, "");
        }
        self.script.simples.push(simple);
        Ok(())
    }

    fn prefix(
        &mut self,
        item: &ast::CommandPrefixOrSuffixItem,
        simple: &mut Simple,
    ) -> Result<(), Stop> {
        match item {
            ast::CommandPrefixOrSuffixItem::IoRedirect(redirect) => {
                simple.redirects.extend(self.redirect(redirect)?);
                Ok(())
            }
            ast::CommandPrefixOrSuffixItem::AssignmentWord(assignment, _) => {
                simple.assignments.push(self.assignment(assignment)?);
                Ok(())
            }
            ast::CommandPrefixOrSuffixItem::Word(word) => stop(Reason::UnknownSyntax, &word.value),
            ast::CommandPrefixOrSuffixItem::ProcessSubstitution(..) => {
                stop(Reason::DynamicCommand, "<(...)")
            }
        }
    }

    fn suffix(
        &mut self,
        item: &ast::CommandPrefixOrSuffixItem,
        simple: &mut Simple,
    ) -> Result<(), Stop> {
        match item {
            ast::CommandPrefixOrSuffixItem::IoRedirect(redirect) => {
                simple.redirects.extend(self.redirect(redirect)?);
            }
            ast::CommandPrefixOrSuffixItem::Word(word) => {
                simple.words.push(self.word(&word.value)?);
            }
            ast::CommandPrefixOrSuffixItem::ProcessSubstitution(_, subshell) => {
                self.list(&subshell.list)?;
                simple.words.push(Shape::unknown(Word::OneUnknown));
            }
            ast::CommandPrefixOrSuffixItem::AssignmentWord(assignment, word) => {
                let mut shape = self.argument(assignment, word)?;
                shape.sets = match &assignment.name {
                    ast::AssignmentName::VariableName(name) => Some(name.clone()),
                    ast::AssignmentName::ArrayElementName(..) => None,
                };
                simple.words.push(shape);
            }
        }
        Ok(())
    }

    /// A word of `NAME=value` form behind the command name; only declarations take arrays there.
    fn argument(&mut self, assignment: &ast::Assignment, word: &ast::Word) -> Result<Shape, Stop> {
        match &assignment.value {
            ast::AssignmentValue::Scalar(value) => {
                let integer = word::read(&value.value, &mut Inside::default())?.integer;
                Ok(Shape {
                    integer,
                    ..self.word(&word.value)?
                })
            }
            ast::AssignmentValue::Array(_) => Ok(Shape::unknown(self.assignment(assignment)?)),
        }
    }

    fn assignment(&mut self, assignment: &ast::Assignment) -> Result<Word, Stop> {
        let name = match &assignment.name {
            ast::AssignmentName::VariableName(name) => name,
            ast::AssignmentName::ArrayElementName(name, subscript)
                if word::is_plain_subscript(subscript) =>
            {
                name
            }
            ast::AssignmentName::ArrayElementName(_, subscript) => {
                return stop(Reason::Subscript, subscript);
            }
        };
        variable::check(name)?;
        match &assignment.value {
            ast::AssignmentValue::Scalar(value) => {
                let shape = self.word(&value.value)?;
                let plain = matches!(assignment.name, ast::AssignmentName::VariableName(_))
                    && !assignment.append;
                self.script.variables.assign(name, shape.integer && plain);
                Ok(variable::assignment_word(name, &shape.word, plain))
            }
            ast::AssignmentValue::Array(elements) => {
                for (subscript, value) in elements {
                    if let Some(subscript) = subscript
                        .as_ref()
                        .filter(|subscript| !word::is_plain_subscript(&subscript.value))
                    {
                        return stop(Reason::Subscript, &subscript.value);
                    }
                    self.word(&value.value)?;
                }
                self.script.variables.assign(name, false);
                Ok(Word::OneUnknown)
            }
        }
    }

    fn redirect(&mut self, redirect: &ast::IoRedirect) -> Result<Option<Redirect>, Stop> {
        match redirect {
            ast::IoRedirect::File(_, kind, target) => self.file(kind, target).map(Some),
            ast::IoRedirect::OutputAndError(target, _append) => Ok(Some(Redirect {
                mode: Mode::Write,
                target: self.word(&target.value)?,
            })),
            ast::IoRedirect::HereString(_, text) => {
                self.word(&text.value)?;
                Ok(None)
            }
            ast::IoRedirect::HereDocument(_, document) => {
                if document.requires_expansion {
                    let mut inside = Inside::default();
                    word::read_heredoc(&document.doc.value, &mut inside)?;
                    self.inside(&inside)?;
                }
                Ok(None)
            }
        }
    }

    fn file(
        &mut self,
        kind: &ast::IoFileRedirectKind,
        target: &ast::IoFileRedirectTarget,
    ) -> Result<Redirect, Stop> {
        let mode = match kind {
            ast::IoFileRedirectKind::Read => Mode::Read,
            ast::IoFileRedirectKind::Write
            | ast::IoFileRedirectKind::Append
            | ast::IoFileRedirectKind::Clobber => Mode::Write,
            ast::IoFileRedirectKind::ReadAndWrite => Mode::ReadAndWrite,
            ast::IoFileRedirectKind::DuplicateInput | ast::IoFileRedirectKind::DuplicateOutput => {
                Mode::Duplicate
            }
        };
        match target {
            ast::IoFileRedirectTarget::Filename(word)
            | ast::IoFileRedirectTarget::Duplicate(word) => Ok(Redirect {
                mode,
                target: self.word(&word.value)?,
            }),
            ast::IoFileRedirectTarget::Fd(fd) => Ok(Redirect {
                mode: Mode::Duplicate,
                target: Shape::literal(fd.to_string()),
            }),
            ast::IoFileRedirectTarget::ProcessSubstitution(_, subshell) => {
                self.list(&subshell.list)?;
                // The target is a pipe to a command that is listed, so no file is opened.
                Ok(Redirect {
                    mode: Mode::Duplicate,
                    target: Shape::literal("-"),
                })
            }
        }
    }

    fn word(&mut self, raw: &str) -> Result<Shape, Stop> {
        let mut inside = Inside::default();
        let shape = word::read(raw, &mut inside)?;
        self.inside(&inside)?;
        Ok(shape)
    }

    fn inside(&mut self, inside: &Inside) -> Result<(), Stop> {
        for text in &inside.arithmetic {
            self.script.variables.evaluate(text)?;
        }
        for name in &inside.assigned {
            variable::check(name)?;
            self.script.variables.assign(name, false);
        }
        inside.commands.iter().try_for_each(|text| self.text(text))
    }
}
