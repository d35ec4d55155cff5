//! Wrappers that only run their operand: `timeout 5 git status` is judged as `git status`.
//!
//! Being transparent for allow rules too, they are read strictly. With an option that is not listed, or a
//! word that is not literal where an option could stand, the wrapper stays and must itself be allowed.

use tappass_ir::request::exec::Word;

use crate::options::{self, Table};
use crate::word::Shape;

/// A wrapper, its options, and how its own operands look that stand before the command.
struct Wrapper {
    name: &'static str,
    options: &'static str,
    operand: Operand,
}

enum Operand {
    None,
    Duration,
}

const WRAPPERS: &[Wrapper] = &[
    Wrapper {
        name: "timeout",
        options: "k,kill-after= s,signal= f,foreground p,preserve-status v,verbose",
        operand: Operand::Duration,
    },
    Wrapper {
        name: "nice",
        options: "n,adjustment=",
        operand: Operand::None,
    },
    Wrapper {
        name: "nohup",
        options: "",
        operand: Operand::None,
    },
    Wrapper {
        name: "time",
        options: "p,portability v,verbose",
        operand: Operand::None,
    },
    Wrapper {
        name: "stdbuf",
        options: "i,input= o,output= e,error=",
        operand: Operand::None,
    },
];

/// More wrappers than one command needs; what remains of them is looked through.
const MOST: usize = 8;

pub(crate) fn is_wrapper(name: &str) -> bool {
    WRAPPERS.iter().any(|wrapper| wrapper.name == name)
}

/// The command inside every transparent wrapper that `words` begin with.
pub(crate) fn strip(words: &[Shape]) -> &[Shape] {
    let mut inner = words;
    for _ in 0..MOST {
        let Some(next) = strip_one(inner) else { break };
        inner = next;
    }
    inner
}

fn strip_one(words: &[Shape]) -> Option<&[Shape]> {
    let (name, rest) = words.split_first()?;
    let wrapper = WRAPPERS
        .iter()
        .find(|wrapper| name.as_literal() == Some(wrapper.name))?;
    let plain: Vec<Word> = rest.iter().map(|shape| shape.word.clone()).collect();
    let parsed = options::parse_leading(&Table::new(wrapper.options), &plain);
    let literal = parsed
        .options
        .values()
        .flatten()
        .all(|value| matches!(value, Word::Literal(_)));
    if parsed.open || !parsed.unmodelled.is_empty() || !literal {
        return None;
    }
    let command = rest.get(parsed.consumed..)?;
    let command = match wrapper.operand {
        Operand::None => command,
        Operand::Duration => command
            .split_first()
            .filter(|(duration, _)| is_duration(duration))
            .map(|(_, command)| command)?,
    };
    // A bare wrapper, or one whose command is unknown, is no more than itself.
    command
        .first()?
        .as_literal()
        .filter(|name| !name.starts_with('-'))
        .map(|_| command)
}

fn is_duration(shape: &Shape) -> bool {
    shape.as_literal().is_some_and(|text| {
        let number = text.strip_suffix(['s', 'm', 'h', 'd']).unwrap_or(text);
        !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inner(text: &str) -> String {
        let words: Vec<Shape> = text
            .split(' ')
            .map(|word| {
                if word == "$" {
                    Shape::unknown(Word::OneUnknown)
                } else {
                    Shape::literal(word)
                }
            })
            .collect();
        strip(&words)
            .iter()
            .map(|shape| shape.as_literal().unwrap_or("$"))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn known_spellings_are_stripped() {
        for text in [
            "timeout 5 rm x",
            "timeout -k 1 -s KILL 1.5m rm x",
            "timeout --signal=9 5s rm x",
            "nice rm x",
            "nice -n 5 rm x",
            "nice -n5 -- rm x",
            "nohup rm x",
            "time -p rm x",
            "stdbuf -oL -e 0 rm x",
            "nohup nice timeout 5 rm x",
        ] {
            assert_eq!(inner(text), "rm x", "{text}");
        }
    }

    #[test]
    fn anything_else_keeps_the_wrapper() {
        for text in [
            "timeout --weird 5 rm x",
            "timeout rm x",
            "timeout $ rm x",
            "timeout -k $ 5 rm x",
            "nice -5 rm x",
            "time -o f rm x",
            "nohup",
            "nice $",
            "/usr/bin/nice rm x",
        ] {
            assert_eq!(inner(text), text);
        }
    }
}
