//! Simple commands into judged commands: wrappers off, inner commands out, effects named.
//!
//! Everything here adds: a command of the line always appears as it was written, and what is found behind
//! it stands beside it for ask and deny. What cannot be followed is refused.

use tappass_ir::request::exec::{Access, Command, Judged, Word};
use tappass_ir::vocabulary::Verb;

use crate::arithmetic::Variables;
use crate::look_through::{self, Directory, Inner};
use crate::place::Place;
use crate::refusal::{Reason, Stop, stop};
use crate::simple::{Mode, Redirect, Script, Simple};
use crate::word::Shape;
use crate::{agreement, builtin, caps, model, transparent};

/// Every command that `line` may run from `directory`.
pub(crate) fn line(line: &str, directory: &str) -> Result<Vec<Command>, Stop> {
    caps::check(line)?;
    let mut judge = Judge {
        commands: Vec::new(),
        place: Place::at(directory),
        variables: Variables::default(),
        depth: 0,
    };
    judge.text(line, Judged::ByAll)?;
    Ok(judge.commands)
}

struct Judge {
    commands: Vec<Command>,
    place: Place,
    /// Those of the shell text at hand; an inner shell has its own.
    variables: Variables,
    depth: usize,
}

impl Judge {
    fn text(&mut self, text: &str, judged: Judged) -> Result<(), Stop> {
        self.deeper(|judge| {
            let Script {
                simples,
                variables,
                repeats,
            } = agreement::read(text)?;
            let outer = std::mem::replace(&mut judge.variables, variables);
            if repeats && simples.iter().any(|simple| moves(&simple.words)) {
                judge.place = Place::Anywhere;
            }
            for simple in &simples {
                judge.simple(simple, judged)?;
            }
            judge.variables.check()?;
            judge.variables = outer;
            Ok(())
        })
    }

    fn deeper(&mut self, work: impl FnOnce(&mut Self) -> Result<(), Stop>) -> Result<(), Stop> {
        if self.depth >= caps::DEPTH {
            return stop(Reason::TooDeep, "");
        }
        self.depth = self.depth.saturating_add(1);
        work(self)?;
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn simple(&mut self, simple: &Simple, judged: Judged) -> Result<(), Stop> {
        if simple.words.is_empty() {
            return Ok(());
        }
        let mut accesses = Vec::new();
        for redirect in &simple.redirects {
            accesses.extend(self.opened(redirect)?);
        }
        self.command(&simple.assignments, &simple.words, judged, accesses)
    }

    /// Adds a command, the same without its assignments and path, and what it runs inside.
    fn command(
        &mut self,
        assignments: &[Word],
        words: &[Shape],
        judged: Judged,
        mut accesses: Vec<Access>,
    ) -> Result<(), Stop> {
        let words = transparent::strip(words);
        let Some((first, arguments)) = words.split_first() else {
            return Ok(());
        };
        let Some(name) = first.as_literal().filter(|name| !name.is_empty()) else {
            return stop(Reason::DynamicCommand, "");
        };
        let base = model::base_name(name);
        accesses.extend(self.touched(base, arguments)?);
        let argv: Vec<Word> = words.iter().map(|shape| shape.word.clone()).collect();
        if !assignments.is_empty() || base != name {
            let unadorned = std::iter::once(Word::Literal(base.to_owned()))
                .chain(argv.iter().skip(1).cloned())
                .collect();
            self.add(unadorned, &argv, Judged::ByAskAndDeny, Vec::new())?;
        }
        let spelt = assignments.iter().chain(&argv).cloned().collect();
        self.add(spelt, &argv, judged, accesses)?;
        if base == name {
            builtin::check(name, arguments, &mut self.variables)?;
            self.moved(name, arguments);
        }
        for inner in look_through::inner(base, arguments)? {
            self.inner(inner)?;
        }
        Ok(())
    }

    fn inner(&mut self, inner: Inner) -> Result<(), Stop> {
        let outside = self.place.clone();
        match inner {
            Inner::Text(text) => {
                self.text(&text, Judged::ByAskAndDeny)?;
                // An inner shell's `cd` ends with it.
                self.place = outside;
                Ok(())
            }
            Inner::Argv(argv, Directory::Same) => {
                self.deeper(|judge| judge.command(&[], &argv, Judged::ByAskAndDeny, Vec::new()))
            }
            Inner::Argv(argv, Directory::Unknown) => {
                self.place = Place::Anywhere;
                self.deeper(|judge| judge.command(&[], &argv, Judged::ByAskAndDeny, Vec::new()))?;
                self.place = outside;
                Ok(())
            }
        }
    }

    fn add(
        &mut self,
        argv: Vec<Word>,
        bare: &[Word],
        judged: Judged,
        mut accesses: Vec<Access>,
    ) -> Result<(), Stop> {
        if self.commands.len() >= caps::COMMANDS {
            return stop(Reason::TooManyCommands, "");
        }
        accesses.sort();
        accesses.dedup();
        self.commands.push(Command {
            argv,
            judged,
            normal: model::normal_form(bare),
            accesses,
        });
        Ok(())
    }

    fn moved(&mut self, name: &str, arguments: &[Shape]) {
        match name {
            "cd" => {
                let target = arguments
                    .iter()
                    .find(|shape| !matches!(shape.as_literal(), Some("-L" | "--")));
                let followed = target
                    .filter(|shape| shape.as_literal().is_none_or(|text| !text.starts_with('-')));
                self.place.maybe_moved(followed);
            }
            "pushd" | "popd" => self.place.maybe_moved(None),
            _ => {}
        }
    }

    fn touched(&self, base: &str, arguments: &[Shape]) -> Result<Vec<Access>, Stop> {
        let mut accesses = Vec::new();
        for (verb, shape) in model::touched(base, arguments) {
            accesses.extend(self.accesses(verb, &shape)?);
        }
        Ok(accesses)
    }

    fn accesses(&self, verb: Verb, shape: &Shape) -> Result<Vec<Access>, Stop> {
        let targets = self.place.resolve(shape)?;
        Ok(targets
            .into_iter()
            .map(|target| Access { verb, target })
            .collect())
    }

    /// What a redirection opens: nothing for descriptors and the null device.
    fn opened(&self, redirect: &Redirect) -> Result<Vec<Access>, Stop> {
        let literal = redirect.target.as_literal();
        if literal.is_none() && redirect.target.below_home.is_none() {
            return stop(Reason::DynamicRedirection, "");
        }
        let text = literal.unwrap_or_default();
        if text.starts_with("/dev/tcp/") || text.starts_with("/dev/udp/") {
            return stop(Reason::NetworkRedirection, text);
        }
        if redirect.duplicates() || is_silent_device(text) {
            return Ok(Vec::new());
        }
        let verbs: &[Verb] = match redirect.mode {
            Mode::Read => &[Verb::Read],
            Mode::Write | Mode::Duplicate => &[Verb::Write],
            Mode::ReadAndWrite => &[Verb::Read, Verb::Write],
        };
        let mut accesses = Vec::new();
        for verb in verbs {
            accesses.extend(self.accesses(*verb, &redirect.target)?);
        }
        Ok(accesses)
    }
}

fn moves(words: &[Shape]) -> bool {
    words
        .iter()
        .any(|shape| matches!(shape.as_literal(), Some("cd" | "pushd" | "popd")))
}

fn is_silent_device(text: &str) -> bool {
    [
        "/dev/null",
        "/dev/stdin",
        "/dev/stdout",
        "/dev/stderr",
        "/dev/fd/0",
        "/dev/fd/1",
        "/dev/fd/2",
    ]
    .contains(&text)
}
