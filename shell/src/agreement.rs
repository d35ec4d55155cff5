//! Both parsers on one text.
//!
//! Neither is sound alone: each reads some lines differently than bash without saying so. Where the two
//! find the same commands and the same redirections, the reading counts; otherwise the line is refused.

use crate::refusal::{Reason, Stop, stop};
use crate::simple::Script;
use crate::{brush, grammar};

/// What both parsers find in `text`.
pub(crate) fn read(text: &str) -> Result<Script, Stop> {
    // tree-sitter takes linear time on any text; what it rejects is spared the other's backtracking.
    let outline = grammar::read(text)?.sorted();
    let script = brush::read(text)?;
    if script.outline().sorted() == outline {
        Ok(script)
    } else {
        stop(Reason::ParsersDisagree, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> Option<Reason> {
        read(text).err().map(|stop| stop.reason)
    }

    #[test]
    fn lines_that_one_parser_misreads_are_refused() {
        for text in [
            "( ( rm x ) )",
            "ls; ( (rm) )",
            "((rm) )",
            "( (rm x) )",
            "((((1)))) ; ( ( rm x ) )",
            "cat <<E\n`rm x`\nE\n",
            "coproc rm x",
        ] {
            assert!(reason(text).is_some(), "{text}");
        }
    }

    #[test]
    fn ordinary_lines_are_read_alike() {
        for text in [
            "ls",
            "ls -la | grep x && rm y || z; w &",
            "FOO=1 BAR=\"$x\" make",
            "x=1",
            "x=1 y=2",
            "x=\"$(a b)\"",
            "x=(a b)",
            "a[1]=2",
            "echo \"$(git log | head)\" `date`",
            "for i in 1 2 3; do echo $i; done > x",
            "while read -r l; do echo \"$l\"; done < x",
            "if [ -f x ]; then a; elif [[ -n $y ]]; then b; else c; fi",
            "case $x in a|b) c;; *) d;; esac",
            "f() { a; }; f b",
            "cat <<'E' > x\na $(b)\nE\n",
            "cat <<E | grep x && rm y\nhello $(id)\nE\n",
            "git commit -m \"$(cat <<'E'\nit's (\nE\n)\"",
            "diff <(a b) <(c)",
            "a 2>&1 >/dev/null",
            "a &> x",
            "a >| x",
            "a >> x 2>> y",
            "a <<< \"b\"",
            "> x a b",
            "a > x b c",
            "time -p ls",
            "! ls",
            "{ a; b; }",
            "(a; b)",
            "a \\\n b",
            "a # c\nb",
            "export X=1 Y",
            "unset x",
            "declare -a x=(1 2)",
            "[ \"$a\" = \"b\" ] && c",
            "find . -name '*.rs' -exec rm {} \\;",
            "echo ${x:-$(a)} ${#y} \"${z%.*}\"",
            "((i = 1))",
            "a 2>&-",
            "for ((i=0;i<3;i++)); do a; done",
            "echo $((1+2))",
            "a {b,c} *.d [e]f ~/g",
            "echo a=b",
            "ls a:b --x=y",
            "until a; do b; done",
            "echo $'a\\n'",
            "a;b\nc\n\nd",
            "a && { b || c; } | (d)",
            "sed -n '1,5p' x",
            "awk '{print $1}' x",
            "echo hi there!",
            "npm test -- --x",
            "cargo test 2>&1 | tail -5",
            "python3 -c 'print(1)'",
            "a || true",
            "grep -rn \"a b\" --include=*.rs .",
            "curl -s https://x.y/z?a=b",
            "git log --format=%H%n -n1 HEAD~2",
            "[ -v x ]",
            "test -f x",
            "echo a > >(b)",
        ] {
            assert_eq!(reason(text), None, "{text}");
        }
    }
}
