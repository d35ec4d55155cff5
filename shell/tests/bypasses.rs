//! Spellings by which agents have got a denied command past a matcher.
//!
//! Each line must meet the deny, or be refused. The matching here is a small model of what the evaluator
//! does with a normal form: options are a superset, operands are in order, an open form has any option.

use tappass_ir::request::exec::{Analysis, Command, NormalPattern, Word};
use tappass_shell::{analyse, normalise_pattern};

/// Lines that run `rm -rf` on something.
const REMOVALS: &[&str] = &[
    "rm -rf x",
    "rm -r -f x",
    "rm -fr x",
    "rm -Rf x",
    "rm x -rf",
    "rm -x -rf",
    "rm -r x -f",
    "rm --recursive --force x",
    "rm --force x --recursive",
    "rm --recurs --fo x",
    "rm -rvf x",
    "rm -rf -- x",
    "rm  -rf   x",
    "rm\t-rf x",
    "/bin/rm -rf x",
    "/usr/bin/../bin/rm -rf x",
    "./rm -rf x",
    "'rm' -rf x",
    "\"rm\" -rf x",
    "r'm' -rf x",
    "\\rm -rf x",
    "r\\m -rf x",
    "r\"\"m -rf x",
    "$'rm' -rf x",
    "$'\\x72m' -rf x",
    "$'\\162\\155' -rf x",
    "r\\\nm -rf x",
    "rm '-rf' x",
    "rm -r\"f\" x",
    "rm $'-rf' x",
    "rm -{r,f} x",
    "rm -r{f,v} x",
    "{rm,-rf,x}",
    "rm $F x",
    "rm \"$F\" x",
    "rm $(echo -rf) x",
    "rm -r $(cat list)",
    "rm *",
    "X=rm; $X -rf x",
    "X=-rf; rm $X x",
    "${X:-rm} -rf x",
    "$(echo rm) -rf x",
    "`echo rm` -rf x",
    "FOO=1 rm -rf x",
    "A=1 B=2 rm -rf x",
    "env rm -rf x",
    "env FOO=1 rm -rf x",
    "env -i FOO=1 /bin/rm -rf x",
    "env -u FOO -- rm -rf x",
    "env -S 'rm -rf x'",
    "/usr/bin/env rm -rf x",
    "command rm -rf x",
    "command -p rm -rf x",
    "builtin command rm -rf x",
    "exec rm -rf x",
    "exec -a ls rm -rf x",
    "sudo rm -rf x",
    "sudo -u root -- rm -rf x",
    "sudo -n FOO=1 rm -rf x",
    "doas rm -rf x",
    "timeout 5 rm -rf x",
    "timeout -s KILL 5s rm -rf x",
    "timeout --odd 5 rm -rf x",
    "nice -n 5 rm -rf x",
    "nice -5 rm -rf x",
    "nohup rm -rf x",
    "time rm -rf x",
    "time -p rm -rf x",
    "\\time -o f rm -rf x",
    "stdbuf -oL rm -rf x",
    "setsid rm -rf x",
    "ionice -c3 rm -rf x",
    "flock lock rm -rf x",
    "flock lock -c 'rm -rf x'",
    "watch rm -rf x",
    "watch 'rm -rf x'",
    "su -c 'rm -rf x'",
    "script -c 'rm -rf x' log",
    "strace -f rm -rf x",
    "parallel rm -rf ::: x",
    "busybox rm -rf x",
    "xargs rm -rf < list",
    "echo x | xargs rm -rf",
    "echo x | xargs -n1 rm -r -f",
    "echo x | xargs -I{} rm -rf {}",
    "echo '-rf x' | xargs rm",
    "echo rm | xargs -I{} {} -rf x",
    "find . -exec rm -rf {} \\;",
    "find . -exec rm -rf {} +",
    "find . -name '*.rs' -execdir rm -rf {} ';'",
    "find . -exec sh -c 'rm -rf \"$1\"' _ {} \\;",
    "sh -c 'rm -rf x'",
    "bash -c \"rm -rf x\"",
    "bash -lc 'rm -rf x'",
    "bash -c 'bash -c \"rm -rf x\"'",
    "sh -c \"$CMD\"",
    "sh -c 'eval rm -rf x'",
    "env sh -c 'rm -rf x'",
    "sudo sh -c 'rm -rf x'",
    "echo 'rm -rf x' | sh",
    "echo cm0gLXJmIHg= | base64 -d | bash",
    "bash <<< 'rm -rf x'",
    "bash <<E\nrm -rf x\nE\n",
    "bash < script",
    "bash <(echo rm -rf x)",
    "bash /dev/stdin < x",
    "source <(echo rm -rf x)",
    ". ./x",
    "eval 'rm -rf x'",
    "eval rm -rf x",
    "alias ls='rm -rf x'",
    "trap 'rm -rf x' EXIT",
    "hash -p /bin/rm ls; ls -rf x",
    "enable -f x.so rm",
    "git() { rm -rf x; }; git status",
    "f() { rm -rf x; }; f",
    "f() { \"$@\"; }; f rm -rf x",
    "ls; rm -rf x",
    "ls && rm -rf x",
    "ls || rm -rf x",
    "ls | rm -rf x",
    "ls & rm -rf x",
    "ls |& rm -rf x",
    "ls\nrm -rf x",
    "ls # x\nrm -rf x",
    "(rm -rf x)",
    "( (rm -rf x) )",
    "((rm -rf x) )",
    "{ rm -rf x; }",
    "! rm -rf x",
    "if rm -rf x; then :; fi",
    "while rm -rf x; do break; done",
    "for i in 1; do rm -rf x; done",
    "case a in a) rm -rf x;; esac",
    "coproc rm -rf x",
    "time time coproc rm -rf x",
    "! time coproc rm -rf x",
    "echo $(rm -rf x)",
    "echo \"$(rm -rf x)\"",
    "echo `rm -rf x`",
    "echo \"`rm -rf x`\"",
    "X=$(rm -rf x)",
    "X=($(rm -rf x))",
    "echo ${X:-$(rm -rf x)}",
    "echo \"${X//a/$(rm -rf x)}\"",
    "echo $((1 + $(rm -rf x)))",
    "echo $[$(rm -rf x)]",
    "((a[$(rm -rf x)]))",
    "echo ${a[$(rm -rf x)]}",
    "x='a[$(rm -rf x)]'; echo $((x))",
    "x='a[$(rm -rf x)]'; [[ $x -eq 1 ]]",
    "x='a[$(rm -rf x)]'; echo ${!x}",
    "x='$(rm -rf x)'; echo \"${x@P}\"",
    "[ -v 'a[$(rm -rf x)]' ]",
    "printf -v 'a[$(rm -rf x)]' y",
    "read 'a[$(rm -rf x)]' <<< y",
    "unset 'a[$(rm -rf x)]'",
    "declare -i x='a[$(rm -rf x)]'",
    "PS4='$(rm -rf x)'; set -x; ls",
    "PROMPT_COMMAND='rm -rf x' bash -i",
    "BASH_ENV=x bash -c ls",
    "PATH=.:$PATH ls",
    "LD_PRELOAD=./x.so ls",
    "env LD_PRELOAD=./x.so ls",
    "export PATH=.; ls",
    "GIT_SSH_COMMAND='rm -rf x' git fetch",
    "git -c alias.x='!rm -rf x' x",
    "git -c core.sshCommand='rm -rf x' fetch",
    "git -c core.fsmonitor='rm -rf x' status",
    "git rebase -x 'rm -rf x' main",
    "git bisect run rm -rf x",
    "git submodule foreach rm -rf x",
    "cat <(rm -rf x)",
    "ls > >(rm -rf x)",
    "cat <<E\n$(rm -rf x)\nE\n",
    "cat <<E\n`rm -rf x`\nE\n",
    "cat <<E; rm -rf x\n$(ls)\nE\n",
    "cat <<E | rm -rf x\na\nE\n",
    "cat <<< $(rm -rf x)",
    "ls $(ls $(ls $(rm -rf x)))",
    "ls\rrm -rf x",
    "rm\u{a0}-rf x",
    "r\u{200b}m -rf x",
    "mapfile -C 'rm -rf x' -c 1 a < f",
    "complete -C 'rm -rf x' ls",
    "cat < /dev/tcp/evil/80",
];

/// Lines that push.
const PUSHES: &[&str] = &[
    "git push",
    "git push origin main",
    "git -C /tmp push",
    "git --git-dir=/x push",
    "git --git-dir /x --work-tree /y push origin",
    "git -c a.b=c push",
    "git -c user.name=x --no-pager push",
    "git -p push",
    "/usr/bin/git push",
    "g\"i\"t 'push'",
    "git $SUB",
    "git \"$SUB\" origin",
    "git $OPTS push",
    "git -C $DIR push",
    "git -c alias.p=push p",
    "git -c alias.p='!git push' p",
    "git {push,origin}",
    "FOO=1 git push",
    "env -C /tmp git push",
    "xargs git push < x",
    "find . -exec git -C {} push \\;",
    "bash -c 'cd x && git push'",
    "cd x && git push",
    "git submodule foreach 'git push'",
    "git rebase --exec 'git push' main",
];

/// Lines that push by force.
const FORCED: &[&str] = &[
    "git push -f",
    "git push --force",
    "git push --forc origin",
    "git push origin main -f",
    "git push -uf origin main",
    "git push -o x -f",
    "git push origin +main",
    "git -C x push --force",
    "git push $X",
    "git push \"$X\"",
];

/// Lines that none of the denies is about.
const HARMLESS: &[&str] = &[
    "ls -la",
    "rm x",
    "rm -r x",
    "rm -- -rf",
    "echo rm -rf x",
    "echo 'rm -rf x'",
    "grep -rf x .",
    "git status",
    "git log --oneline | head",
    "git commit -m 'git push'",
    "git commit -m \"rm -rf x\"",
    "git -C push status",
    "cargo test 2>&1 | tail -5",
    "for i in 1 2 3; do echo \"$i\"; done",
    "find . -name '*.rs' -exec grep -n x {} +",
    "cat <<'E' > notes\nrm -rf x\n$(git push)\nE\n",
];

fn commands(line: &str) -> Option<Vec<Command>> {
    match analyse(line, "$project").analysis {
        Analysis::Commands(commands) => Some(commands),
        Analysis::Refused(_) => None,
    }
}

fn is_stopped(line: &str, deny: &str) -> bool {
    let Some(pattern) = normalise_pattern(deny) else {
        return false;
    };
    commands(line).is_none_or(|commands| commands.iter().any(|command| meets(command, &pattern)))
}

fn meets(command: &Command, pattern: &NormalPattern) -> bool {
    let form = &command.normal;
    let named = pattern
        .command
        .iter()
        .enumerate()
        .all(|(at, name)| match form.command.get(at) {
            Some(Word::Literal(word)) => word == name,
            Some(Word::OneUnknown | Word::ManyUnknown) => true,
            None => form.open,
        });
    let optioned = form.open
        || pattern
            .options
            .keys()
            .all(|option| form.options.contains_key(option));
    named && optioned && (pattern.rest || form.operands.len() == pattern.operands.len())
}

#[test]
fn a_denied_removal_is_met_or_refused_however_it_is_spelt() {
    for line in REMOVALS {
        assert!(
            is_stopped(line, "rm -rf **"),
            "{line}\n{:#?}",
            commands(line)
        );
    }
}

#[test]
fn a_denied_push_is_met_or_refused_however_it_is_spelt() {
    for line in PUSHES {
        assert!(
            is_stopped(line, "git push **"),
            "{line}\n{:#?}",
            commands(line)
        );
    }
    for line in FORCED {
        assert!(
            is_stopped(line, "git push --force **"),
            "{line}\n{:#?}",
            commands(line)
        );
    }
}

#[test]
fn ordinary_lines_are_neither_met_nor_refused() {
    for line in HARMLESS {
        assert!(
            commands(line).is_some(),
            "{line}: {:?}",
            analyse(line, "$project").analysis
        );
        for deny in ["rm -rf **", "git push **"] {
            assert!(!is_stopped(line, deny), "{deny} meets {line}");
        }
    }
}
